import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Photograph } from '../photographs/photographs.ts';
import type { Target } from '../task.ts';
import { type Places, sluice } from '../ways/ways.ts';
import { makeOnce, pixelsOf } from './fidelity.ts';
import { type Pixels, ssim } from './likeness.ts';

/** Similarity to the input pixels, and bytes. */
interface Encoded {
  ssim: number;
  bytes: number;
}

/** Of one size as WebP with effort 4 and with effort 2, at the same quality, and effort 2 at the same likeness. */
export interface Effort {
  preset: string;
  balanced: Encoded;
  fast: Encoded;
  /** Bytes of effort 2 at the quality that gives effort 4's SSIM. */
  equalBytes: number;
}

/** The cost of the `fast` profile in bytes and similarity. */
export async function measureEffort(
  photograph: Photograph,
  targets: readonly Target[],
  exact: string,
  folder: string,
  places: Places,
): Promise<Effort[]> {
  const ways = { balanced: 'bare', fast: 'bare-fast' } as const;
  for (const [name, set] of Object.entries(ways))
    await makeOnce(sluice(places, set, 'in-process'), photograph.name, join(folder, name));
  const found: Effort[] = [];
  for (const { preset } of targets) {
    const reference = await pixelsOf(join(exact, `${preset}.png`));
    const of = (name: string) => encoded(readFileSync(join(folder, name, `${preset}.webp`)), reference);
    const [balanced, fast] = [await of('balanced'), await of('fast')];
    const equalBytes = await bytesAt(balanced.ssim, fast, reference);
    found.push({ preset, balanced, fast, equalBytes });
  }
  return found;
}

/** Raises effort 2's quality until its SSIM is reached, and interpolates between the last two. */
async function bytesAt(wanted: number, from: Encoded, reference: Pixels): Promise<number> {
  let below = from;
  for (let quality = 81; below.ssim < wanted && quality <= 100; quality++) {
    const above = await encoded(await webp(reference, quality), reference);
    if (above.ssim >= wanted) {
      const share = (wanted - below.ssim) / (above.ssim - below.ssim);
      return Math.round(below.bytes + share * (above.bytes - below.bytes));
    }
    below = above;
  }
  return below.bytes;
}

function webp({ data, width, height }: Pixels, quality: number): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .webp({ quality, effort: 2 })
    .toBuffer();
}

async function encoded(file: Buffer, reference: Pixels): Promise<Encoded> {
  return { ssim: ssim(await pixelsOf(file), reference), bytes: file.length };
}
