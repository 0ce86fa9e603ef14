import type { Sharp } from 'sharp';
import type { VariantFormat } from '../../domain/image.ts';
import type { Preset } from '../../domain/preset.ts';
import { fromRaster } from '../codecs.ts';
import type { Roll } from '../decode/animation.ts';
import { letGoOf } from '../let-go.ts';
import { withCredits } from '../metadata/credits.ts';
import type { Raster } from '../raster.ts';
import type { Recipe } from '../recipe.ts';
import { flatten } from './flatten.ts';
import { writtenTiming } from './timing.ts';

type Encoding = Pick<Recipe, 'preset' | 'credits'>;

/**
 * Encodes pixels, without any metadata but the credits that the preset keeps, and with the same bytes for the same
 * pixels and recipe. JPEG has no alpha: the background shows through.
 */
export async function encode(raster: Raster, format: VariantFormat, encoding: Encoding): Promise<Buffer> {
  const drawn = format === 'jpeg' ? flatten(raster, encoding.preset.background) : raster;
  const bytes = await finished(pipelineOf(drawn, format, encoding.preset), encoding);
  letGoOf([drawn], [raster]);
  return bytes;
}

/** More effort takes twice as long for 6 % fewer bytes, and an animation has many frames. */
const animationEffort = 2;

/** Encodes the frames of a roll as an animated WebP. */
export async function encodeAnimation({ raster, timing }: Roll, encoding: Encoding): Promise<Buffer> {
  const { quality, effort } = encoding.preset;
  const pipeline = fromRaster(raster, raster.height / timing.frames).webp({
    quality: quality.webp,
    effort: Math.min(effort.webp, animationEffort),
    ...writtenTiming(timing),
  });
  return finished(pipeline, encoding);
}

async function finished(pipeline: Sharp, { preset, credits }: Encoding): Promise<Buffer> {
  return withCredits(pipeline, credits, preset.metadata).toBuffer();
}

function pipelineOf(raster: Raster, format: VariantFormat, { quality, effort }: Preset): Sharp {
  switch (format) {
    case 'webp':
      return fromRaster(raster).webp({ quality: quality.webp, effort: effort.webp });
    case 'jpeg':
      return fromRaster(raster).jpeg({ quality: quality.jpeg, mozjpeg: effort.jpeg > 0 });
    case 'png':
      // Filters chosen row by row take a third off a photograph.
      return fromRaster(raster).png({ compressionLevel: effort.png, adaptiveFiltering: true });
    case 'avif':
      return fromRaster(raster).avif({ quality: quality.avif, effort: effort.avif });
  }
}
