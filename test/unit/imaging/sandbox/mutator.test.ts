import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Rejection, rejectionCodes } from '../../../../lambda/domain/failure.ts';
import { indexedFiles } from '../../../support/gallery-index.ts';
import { patience } from '../../../support/pace.ts';
import { draw, noise, quartered } from '../fixtures.ts';
import { plantedFiles } from '../metadata/canaries.ts';
import { openLane } from '../sandbox-folder.ts';
import { mutate, seeded } from './mutations.ts';

/*
 * Thousands of mutated files through the real sandbox. SLUICE_MUTATOR_SECONDS (3) sets the duration,
 * SLUICE_MUTATOR_SEED (1) the changes, SLUICE_MUTATOR_GALLERY (any text) adds the photographs.
 */
const seconds = Number(process.env.SLUICE_MUTATOR_SECONDS ?? 3);
const seed = Number(process.env.SLUICE_MUTATOR_SEED ?? 1);
/** The minimum number of files on a slow machine. */
const fewest = 50;
const withGallery = Boolean(process.env.SLUICE_MUTATOR_GALLERY);

const mebi = 1024 * 1024;
/** A child with three formats has 100 MB; a few copies of two megapixels of 16 bits do not double that. */
const maxPeakBytes = 450 * mebi;

const { lane, decode, close } = openLane(
  {
    presets: {
      all: { width: 24, formats: ['webp', 'jpeg', 'png'], metadata: ['copyright', 'creator', 'credit'] },
      whole: { width: 8192, formats: ['original'] },
    },
    inputs: { tiff: true, avif: true },
    limits: {
      maxPixels: 2_000_000,
      maxPixelsJpeg: 2_000_000,
      maxFramePixels: 2_000_000,
      decodeTimeoutMs: 10_000,
    },
  },
  { recycleAfter: 1_000_000 },
);
afterAll(close);

async function originals(): Promise<Buffer[]> {
  const small = draw(quartered(40, 30));
  const busy = draw(noise(70, 50));
  const files = [
    ...Object.values(await plantedFiles()),
    await small.clone().jpeg({ progressive: true }).toBuffer(),
    await busy.clone().jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(),
    await small.clone().toColourspace('cmyk').jpeg().toBuffer(),
    await small.clone().greyscale().jpeg().toBuffer(),
    await small.clone().png({ palette: true, progressive: true }).toBuffer(),
    await small.clone().toColourspace('rgb16').png().toBuffer(),
    await busy.clone().webp({ lossless: true }).toBuffer(),
    await small.clone().ensureAlpha(0.5).webp().toBuffer(),
    await busy.clone().gif({ progressive: true }).toBuffer(),
    await busy.clone().tiff({ compression: 'lzw', predictor: 'horizontal' }).toBuffer(),
    await small.clone().tiff({ compression: 'jpeg', tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer(),
    await small.clone().tiff({ compression: 'deflate', bitdepth: 1 }).toBuffer(),
    await busy.clone().avif({ effort: 0, chromaSubsampling: '4:2:0' }).toBuffer(),
    await small.clone().ensureAlpha(0.5).avif({ effort: 0, bitdepth: 10 }).toBuffer(),
  ];
  const pictures = withGallery ? indexedFiles().filter(({ bytes }) => bytes.length < 500_000) : [];
  return [...files, ...pictures.map(({ bytes }) => bytes)].filter(({ length }) => length > 0);
}

/** What is wrong with the outcome of a file; undefined for a picture, or a rejection because of the file. */
async function wrongWith(file: Buffer): Promise<string | undefined> {
  const { pid } = lane;
  const outcome = await decode(file).catch((error: unknown) => error);
  if (lane.pid !== pid) return `the decoder was lost: ${String(outcome)}`;
  if (!(outcome instanceof Rejection))
    return outcome instanceof Error ? `untyped: ${outcome.message}` : undefined;
  if (!rejectionCodes.includes(outcome.code) || outcome.code.startsWith('decoder')) return outcome.message;
  return /^The [^\n]+\.$/.test(outcome.detail) ? undefined : `words: ${outcome.detail}`;
}

it(
  `mutated files end as pictures or typed rejections, for ${seconds} s (seed ${seed})`,
  async () => {
    const files = await originals();
    await decode(files[0] as Buffer);
    const end = performance.now() + seconds * 1000;
    const wrong: string[] = [];
    let count = 0;
    for (; (performance.now() < end || count < fewest) && wrong.length < 20; count++) {
      // Each change has its own seed, so that it can be repeated alone.
      const random = seeded(seed * 1_000_003 + count);
      const pick = () => files[Math.floor(random() * files.length)] as Buffer;
      const file = mutate(pick(), pick(), random);
      const fault = await wrongWith(file);
      if (fault !== undefined) wrong.push(`${fault} (${saveFile(file, count)})`);
    }
    expect(wrong).toEqual([]);
    expect(peakOf(lane.pid), `peak after ${count} files`).toBeLessThan(maxPeakBytes);
  },
  seconds * 1000 + patience(60_000),
);

function saveFile(file: Buffer, index: number): string {
  const folder = join(tmpdir(), 'sluice-mutants');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `seed-${seed}-${index}.bin`);
  writeFileSync(path, file);
  return path;
}

/** The peak resident size of a process in bytes; 0 without /proc. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
