/** The signature of a PNG, before the instruction to the fake sandbox. */
export const signature = Buffer.from('89504e470d0a1a0a', 'hex');
