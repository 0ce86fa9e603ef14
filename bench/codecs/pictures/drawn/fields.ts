import sharp from 'sharp';
import type { Raster } from '../../../../lambda/imaging/raster.ts';
import type { Random } from './canvas.ts';

/** Smooth noise of so many cells across, 0-255 a pixel. */
export async function field(width: number, height: number, cells: number, random: Random): Promise<Buffer> {
  const rows = Math.max(2, Math.round((cells * height) / width));
  const coarse = Buffer.from(Uint8Array.from({ length: cells * rows }, () => random() * 256));
  return sharp(coarse, { raw: { width: cells, height: rows, channels: 1 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .extractChannel(0)
    .raw()
    .toBuffer();
}

/** Numbers about 0 with a deviation of 1, drawn once and then picked. */
export function specks(random: Random): (pick: number) => number {
  const drawn = Float32Array.from({ length: 65_536 }, () => (random() + random() + random() - 1.5) * 2);
  return (pick) => drawn[pick & 65_535] as number;
}

/** Adds a sensor's grain, stronger in the dark by `shadows`. */
export function grained(raster: Raster, random: Random, deviation: number, shadows = 0): Raster {
  const speck = specks(random);
  const { data } = raster;
  for (let at = 0; at < data.length; at++) {
    const value = data[at] as number;
    const amount = deviation * (1 + shadows * (1 - value / 255));
    data[at] = clamped(value + speck((random() * 65_536) | 0) * amount);
  }
  return raster;
}

/** A picture from a function of each pixel; `paint` returns red, green and blue. */
export function painted(
  width: number,
  height: number,
  paint: (x: number, y: number, at: number) => readonly [number, number, number],
): Raster {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) {
      const [r, g, b] = paint(x, y, at);
      data[at * 3] = clamped(r);
      data[at * 3 + 1] = clamped(g);
      data[at * 3 + 2] = clamped(b);
    }
  return { data, width, height, channels: 3 };
}

export function clamped(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}
