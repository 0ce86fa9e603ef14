/** Of a PNG, in front of what the fake sandbox is told. */
export const signature = Buffer.from('89504e470d0a1a0a', 'hex');
