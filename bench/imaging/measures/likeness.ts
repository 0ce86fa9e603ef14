/** 8-bit pixels, interleaved. */
export interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
  channels: number;
}

/** Peak signal to noise over all channels, in dB; infinite for equal pictures. */
export function psnr(a: Pixels, b: Pixels): number {
  assertAlike(a, b);
  let squares = 0;
  for (let at = 0; at < a.data.length; at++)
    squares += ((a.data[at] as number) - (b.data[at] as number)) ** 2;
  return 10 * Math.log10((255 * 255 * a.data.length) / squares);
}

function assertAlike(a: Pixels, b: Pixels): void {
  if (a.width !== b.width || a.height !== b.height || a.channels !== b.channels)
    throw new Error(
      `the pictures differ in size: ${a.width} × ${a.height} × ${a.channels} and ${b.width} × ${b.height} × ${b.channels}`,
    );
}
