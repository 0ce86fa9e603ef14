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

const window = 8;
const step = 4;
/** The two constants of Wang et al. 2004, for 8 bits. */
const c1 = (0.01 * 255) ** 2;
const c2 = (0.03 * 255) ** 2;

/** Structural similarity of the luma (BT.601), mean over windows of 8 × 8 pixels every 4; 1 for equal pictures. */
export function ssim(a: Pixels, b: Pixels): number {
  assertAlike(a, b);
  const [x, y] = [luma(a), luma(b)];
  let sum = 0;
  let windows = 0;
  for (let top = 0; top + window <= a.height; top += step)
    for (let left = 0; left + window <= a.width; left += step, windows++)
      sum += ssimOf(x, y, top * a.width + left, a.width);
  return sum / windows;
}

function ssimOf(x: Float32Array, y: Float32Array, corner: number, stride: number): number {
  let [sumX, sumY, xx, yy, xy] = [0, 0, 0, 0, 0];
  for (let row = 0; row < window; row++)
    for (let at = corner + row * stride, end = at + window; at < end; at++) {
      const [p, q] = [x[at] as number, y[at] as number];
      sumX += p;
      sumY += q;
      xx += p * p;
      yy += q * q;
      xy += p * q;
    }
  const count = window * window;
  const [meanX, meanY] = [sumX / count, sumY / count];
  const [varX, varY] = [xx / count - meanX * meanX, yy / count - meanY * meanY];
  const covariance = xy / count - meanX * meanY;
  return (
    ((2 * meanX * meanY + c1) * (2 * covariance + c2)) /
    ((meanX * meanX + meanY * meanY + c1) * (varX + varY + c2))
  );
}

function luma({ data, width, height, channels }: Pixels): Float32Array {
  const out = new Float32Array(width * height);
  for (let to = 0, at = 0; to < out.length; to++, at += channels)
    out[to] =
      0.299 * (data[at] as number) + 0.587 * (data[at + 1] as number) + 0.114 * (data[at + 2] as number);
  return out;
}

function assertAlike(a: Pixels, b: Pixels): void {
  if (a.width !== b.width || a.height !== b.height || a.channels !== b.channels)
    throw new Error(
      `the pictures differ in size: ${a.width} × ${a.height} × ${a.channels} and ${b.width} × ${b.height} × ${b.channels}`,
    );
}
