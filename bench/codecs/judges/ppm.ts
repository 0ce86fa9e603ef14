import { readFileSync, writeFileSync } from 'node:fs';
import type { Raster } from '../../../lambda/imaging/raster.ts';

const header = (width: number, height: number) => `P6\n${width} ${height}\n255\n`;

/** Writes 8-bit RGB as PPM, which both judges read quickly. */
export function writePpm(path: string, { data, width, height }: Omit<Raster, 'channels'>): void {
  writeFileSync(path, Buffer.concat([Buffer.from(header(width, height)), data]));
}

/** Reads what `writePpm` wrote. */
export function readPpm(path: string): Raster {
  const bytes = readFileSync(path);
  const [, width, height] = /^P6\n(\d+) (\d+)\n255\n/.exec(bytes.toString('latin1', 0, 32)) ?? [];
  if (width === undefined || height === undefined) throw new Error(`${path} is not a PPM of ours`);
  const [wide, high] = [Number(width), Number(height)];
  return { data: bytes.subarray(header(wide, high).length), width: wide, height: high, channels: 3 };
}
