import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import type { Raster } from '../../../lambda/imaging/raster.ts';
import { drawScene } from '../../imaging/photographs/scene.ts';

/** Photographs of cameras next to the checkout; they are not part of the project. */
const folder = resolve(import.meta.dirname, '../../../../shared/images/photos');

/** Files of the photographs in order; none, and said so, where there are none. */
export function photographFiles(say: (line: string) => void): { name: string; path: string }[] {
  if (!existsSync(folder)) {
    say(
      'SKIPPED: all photographs of cameras, because ../shared/images/photos is missing. The result is of drawings alone.',
    );
    return [];
  }
  return readdirSync(folder)
    .filter((file) => /\.jpe?g$/i.test(file))
    .sort()
    .map((file) => ({ name: file.replace(/\.[^.]+$/, '').slice(0, 30), path: join(folder, file) }));
}

/** The file of a mixture, by its seed. */
export function fileFor<File>(files: readonly File[], seed: number): File | undefined {
  return files[seed % Math.max(1, files.length)];
}

/** A photograph for a mixture: one of those files, or a drawn scene where there are none. */
export async function photographFor(files: readonly { path: string }[], seed: number): Promise<Raster> {
  const file = fileFor(files, seed);
  if (file === undefined) {
    const { pixels, width, height } = await drawScene(2400, 1800, seed);
    return { data: pixels, width, height, channels: 3 };
  }
  const { data, info } = await sharp(file.path)
    .autoOrient()
    .resize({ width: 2400, withoutEnlargement: true })
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: 3 };
}
