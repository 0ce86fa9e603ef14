import sharp from 'sharp';
import { seeded } from './random.ts';

/** Octaves of smooth noise, coarse to fine: cells across the picture and how much they sway the light (8 bits). */
const octaves = [
  { cells: 5, sway: 90 },
  { cells: 17, sway: 46 },
  { cells: 61, sway: 26 },
  { cells: 230, sway: 15 },
  { cells: 900, sway: 13 },
] as const;
/** Deviation of the grain that every sensor leaves, in steps of 8 bits. */
const grain = 5;
/** Specks of grain that are drawn once and then picked: a random number for every sample would take seconds. */
const specks = 65_536;

/** Pixels of 8-bit sRGB, interleaved, three channels. */
export interface Scene {
  pixels: Buffer;
  width: number;
  height: number;
}

/**
 * A scene like a photograph, the same pixels for the same seed: light that varies on every scale, edges of overlapping
 * shapes, and grain.
 */
export async function drawScene(width: number, height: number, seed: number): Promise<Scene> {
  const random = seeded(seed);
  // In 1/16 of a step: 16 bits hold the sum of all octaves, at half the memory of floating point.
  const light = new Int16Array(width * height * 3).fill(128 * 16);
  for (const { cells, sway } of octaves) {
    const noise = await smoothNoise(width, height, cells, random);
    const gain = (sway * 16) / 128;
    for (let at = 0; at < light.length; at++)
      light[at] = (light[at] as number) + ((noise[at] as number) - 128) * gain;
  }
  const noise = Float32Array.from(
    { length: specks },
    () => (random() + random() + random() - 1.5) * 2 * grain,
  );
  const pixels = Buffer.alloc(light.length);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const edge = edgeAt(x, y, width);
      let pick = (random() * 4294967296) >>> 0;
      for (let channel = 0; channel < 3; channel++, at++) {
        const value = (light[at] as number) / 16 + edge + (noise[pick % specks] as number);
        pixels[at] = Math.max(0, Math.min(255, value));
        pick = Math.imul(pick, 0x9e3779b1) >>> 0;
      }
    }
  return { pixels, width, height };
}

/** Noise of so many cells across, colours leaning on a common grey, enlarged smoothly. */
async function smoothNoise(
  width: number,
  height: number,
  cells: number,
  random: () => number,
): Promise<Buffer> {
  const rows = Math.max(2, Math.round((cells * height) / width));
  const coarse = Buffer.alloc(cells * rows * 3);
  for (let at = 0; at < coarse.length; at += 3) {
    const grey = random() * 200;
    for (let c = 0; c < 3; c++) coarse[at + c] = grey + random() * 55;
  }
  return sharp(coarse, { raw: { width: cells, height: rows, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
}

/** Hard outlines: every other of overlapping rings and of leaning bars is a shade darker. */
function edgeAt(x: number, y: number, width: number): number {
  const dx = x - width * 0.62;
  const dy = y - width * 0.31;
  const ring = Math.floor(Math.sqrt(dx * dx + dy * dy) / (width * 0.045)) % 2;
  const bar = Math.floor((x + y * 0.6) / (width * 0.11)) % 2;
  return ring * 14 - bar * 18;
}
