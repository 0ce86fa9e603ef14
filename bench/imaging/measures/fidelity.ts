import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Photograph } from '../photographs/photographs.ts';
import type { Target } from '../task.ts';
import { type Places, plain } from '../ways/ways.ts';
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

/** The distance of the pixels before encoding from a Lanczos reduction of the whole original. */
export async function measureFidelity(
  photograph: Photograph,
  targets: readonly Target[],
  exact: string,
  folder: string,
  places: Places,
): Promise<Fidelity[]> {
  const six = await makeOnce(plain(places, 'exact'), photograph.name, join(folder, 'plain-exact'));
  const original = await pixelsOf(photograph.path);
  const found: Fidelity[] = [];
  for (const { preset, width, height } of targets) {
    const reference = lanczos(original, width, height);
    const [ours, theirs] = await Promise.all(
      [exact, six].map((from) => pixelsOf(join(from, `${preset}.png`))),
    );
    if (ours === undefined || theirs === undefined) throw new Error('a picture is missing');
    found.push({ preset, sluiceDb: psnr(ours, reference), plainDb: psnr(theirs, reference) });
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
