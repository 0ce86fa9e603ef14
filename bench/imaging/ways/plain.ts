import { readFileSync } from 'node:fs';
import sharp, { type OverlayOptions } from 'sharp';
import type { Target } from '../task.ts';
import { type Made, readTask, serve } from './serve.ts';

/*
 * The reference: one sharp pipeline for each variant, from the original. With `exact` as its second argument it makes
 * lossless images without a watermark.
 */
const { photographs } = readTask();
const exact = process.argv[3] === 'exact';

serve(async (name) => {
  const { path, targets } = photographs[name] as (typeof photographs)[string];
  const bytes = readFileSync(path);
  const made: Made[] = [];
  for (const target of targets)
    for (const format of exact ? (['png'] as const) : (['webp', 'jpeg'] as const)) {
      const pipeline = sharp(bytes, { limitInputPixels: false })
        .autoOrient()
        .resize({ width: target.width, height: target.height, fit: 'inside', withoutEnlargement: true });
      if (!exact && target.mark !== undefined) pipeline.composite([overlay(target.mark)]);
      if (format === 'jpeg') pipeline.flatten({ background: '#ffffff' });
      const encoded = pipeline[format](format === 'png' ? { compressionLevel: 1 } : { quality: 80 });
      made.push({ name: `${target.preset}.${format}`, bytes: await encoded.toBuffer() });
    }
  return made;
});

function overlay({ rgba, width, height, left, top }: NonNullable<Target['mark']>): OverlayOptions {
  return { input: readFileSync(rgba), raw: { width, height, channels: 4 }, left, top };
}
