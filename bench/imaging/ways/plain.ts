import { readFileSync } from 'node:fs';
import sharp, { type OverlayOptions, type Sharp } from 'sharp';
import type { Output, Target } from '../task.ts';
import { type Made, readTask, serve } from './serve.ts';

/* The reference: one sharp pipeline for each variant, from the original, with sharp's own defaults. */
const { photographs } = readTask();

serve(async (name) => {
  const { path, targets } = photographs[name] as (typeof photographs)[string];
  const original = readFileSync(path);
  const made: Made[] = [];
  for (const target of targets)
    for (const output of target.outputs) {
      const pipeline = sharp(original, { limitInputPixels: false })
        .autoOrient()
        .resize({ width: target.width, height: target.height, fit: 'inside', withoutEnlargement: true });
      if (target.mark !== undefined) pipeline.composite([overlay(target.mark)]);
      const bytes = await encoded(pipeline, output).toBuffer();
      made.push({ name: `${target.preset}.${output.format}`, bytes });
    }
  return made;
});

function encoded(pipeline: Sharp, { format, quality }: Output): Sharp {
  switch (format) {
    case 'webp':
      return pipeline.webp({ quality });
    case 'jpeg':
      return pipeline.flatten({ background: '#ffffff' }).jpeg({ quality });
    case 'avif':
      // sharp's own effort of 4 takes seconds a megapixel.
      return pipeline.avif({ quality, effort: 0, chromaSubsampling: '4:2:0' });
    case 'png':
      return pipeline.png({ compressionLevel: 1 });
  }
}

function overlay({ rgba, width, height, left, top }: NonNullable<Target['mark']>): OverlayOptions {
  return { input: readFileSync(rgba), raw: { width, height, channels: 4 }, left, top };
}
