import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { draw, type Pixels, pixelsIn } from '../fixtures.ts';

/*
 * Reference pictures, approved by a person, as PNG. SLUICE_WRITE_REFERENCES=1 rewrites them; look at them before a
 * commit.
 */
const folder = join(import.meta.dirname, 'references');

/** The stored picture of this name; with SLUICE_WRITE_REFERENCES it is first written from `current`. */
export async function referenceOf(name: string, current: Pixels): Promise<Pixels> {
  const path = join(folder, `${name}.png`);
  if (process.env.SLUICE_WRITE_REFERENCES !== undefined) {
    mkdirSync(folder, { recursive: true });
    await draw(current).png({ compressionLevel: 9, palette: false }).toFile(path);
  }
  if (!existsSync(path)) throw new Error(`${path} is missing; SLUICE_WRITE_REFERENCES=1 writes it`);
  return pixelsIn(readFileSync(path));
}

/**
 * The difference of a marked picture from its reference, relative to the effect of the mark: 0 is equal, 1 is as far as
 * a picture without a mark. It is equally strict for faint and strong, small and large marks.
 */
export function markDistance(marked: Pixels, reference: Pixels, ground: Pixels): number {
  return apart(marked, reference) / apart(reference, ground);
}

/** The sum of the differences of premultiplied colours and of alpha. */
function apart(a: Pixels, b: Pixels): number {
  if (a.data.length !== b.data.length || a.width !== b.width || a.channels !== b.channels)
    return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let at = 0; at < a.data.length; at += a.channels)
    for (let c = 0; c < a.channels; c++) sum += Math.abs(premultiplied(a, at, c) - premultiplied(b, at, c));
  return sum;
}

function premultiplied({ data, channels }: Pixels, at: number, channel: number): number {
  const value = data[at + channel] as number;
  return channels === 4 && channel < 3 ? (value * (data[at + 3] as number)) / 255 : value;
}
