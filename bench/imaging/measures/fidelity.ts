import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Scene } from '../equal/scene.ts';
import { lossless, writeVariant } from '../task.ts';
import { plain, sluice } from '../ways/ways.ts';
import { type Command, startWorker } from '../ways/worker.ts';
import { lanczos } from './lanczos.ts';
import { type Pixels, psnr } from './likeness.ts';

/** Of one size: dB of the pixels before encoding against the reference, by Sluice and by plain sharp. */
export interface Fidelity {
  preset: string;
  sluiceDb: number;
  plainDb: number;
}

/** Makes the files of one way once, into a folder, and ends it. */
export async function makeOnce(command: Command, photograph: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const worker = startWorker(folder, command);
  await worker.run({ photograph, keep: folder }).finally(() => worker.stop());
  return folder;
}

/** The distance of the pixels before watermark and encoding from a Lanczos reduction of the whole original. */
export async function measureFidelity({ photograph, task: all, folder, places }: Scene): Promise<Fidelity[]> {
  const task = writeVariant(all, folder, 'unmarked', lossless, false);
  const [exact, six] = [
    await makeOnce(sluice(places, 'unmarked', 'in-process'), photograph.name, join(folder, 'exact')),
    await makeOnce(plain({ ...places, task }), photograph.name, join(folder, 'plain-exact')),
  ];
  const original = await pixelsOf(photograph.path);
  const targets = all.photographs[photograph.name]?.targets ?? [];
  const found: Fidelity[] = [];
  for (const { preset } of targets) {
    const [ours, theirs] = await Promise.all(
      [exact, six].map((from) => pixelsOf(join(from, `${preset}.png`))),
    );
    if (ours === undefined || theirs === undefined) throw new Error('a picture is missing');
    const ownReference = lanczos(original, ours.width, ours.height);
    // sharp's rounding can make a side one pixel less: 2688 × 1520 in a box of 800 becomes 799 × 452.
    const isAlike = theirs.width === ours.width && theirs.height === ours.height;
    const reference = isAlike ? ownReference : lanczos(original, theirs.width, theirs.height);
    found.push({ preset, sluiceDb: psnr(ours, ownReference), plainDb: psnr(theirs, reference) });
  }
  return found;
}

/** Upright, three channels. */
export async function pixelsOf(file: string | Buffer): Promise<Pixels> {
  const { data, info } = await sharp(file, { limitInputPixels: false })
    .autoOrient()
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}
