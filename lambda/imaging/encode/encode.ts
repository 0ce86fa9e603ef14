import type { Sharp } from 'sharp';
import type { VariantFormat } from '../../domain/image.ts';
import type { Preset } from '../../domain/preset.ts';
import { fromRaster } from '../codecs.ts';
import type { FrameStrip } from '../frame-strip.ts';
import { countFrames } from '../inspect/webp-chunks.ts';
import type { Raster } from '../raster.ts';
import type { Recipe } from '../recipe.ts';
import { rgbOf } from '../rgb.ts';
import { withCredits } from './credits.ts';
import { writtenTiming } from './timing.ts';

type Encoding = Pick<Recipe, 'preset' | 'credits'>;

/**
 * Encodes pixels without metadata except the credits that the preset keeps. Deterministic. JPEG has no alpha: the
 * background shows through.
 */
export async function encode(raster: Raster, format: VariantFormat, encoding: Encoding): Promise<Buffer> {
  return finished(pipelineOf(raster, format, encoding.preset), encoding);
}

/** From this quality on JPEG colour is not subsampled, as in libvips and ImageMagick. */
const fullColour = 90;
/** With alpha, WebP's effort of 6 took 5 to 18 s a megapixel, and 5 took 0.7 s for as many bytes. */
const alphaEffort = 5;

/** More effort takes twice as long for 6 % fewer bytes, and animations have many frames. */
const animationEffort = 2;

/** Encodes a strip of frames as an animated WebP. */
export async function encodeAnimation({ raster, timing }: FrameStrip, encoding: Encoding): Promise<Buffer> {
  const { quality, effort } = encoding.preset;
  const pipeline = fromRaster(raster, raster.height / timing.frames).webp({
    quality: quality.webp,
    effort: Math.min(effort.webp, animationEffort),
    ...writtenTiming(timing),
  });
  return finished(pipeline, encoding);
}

/** Frames of an animated WebP: the encoder merges equal consecutive ones, and writes a still where all are equal. */
export function framesOf(webp: Buffer): number {
  return Math.max(1, countFrames(webp, Number.POSITIVE_INFINITY));
}

async function finished(pipeline: Sharp, { preset, credits }: Encoding): Promise<Buffer> {
  return withCredits(pipeline, credits, preset.metadata).toBuffer();
}

function pipelineOf(raster: Raster, format: VariantFormat, { quality, effort, background }: Preset): Sharp {
  switch (format) {
    case 'webp':
      return fromRaster(raster).webp({
        quality: quality.webp,
        effort: raster.channels === 4 ? Math.min(effort.webp, alphaEffort) : effort.webp,
      });
    case 'jpeg':
      return onBackground(raster, background).jpeg({
        quality: quality.jpeg,
        mozjpeg: effort.jpeg > 0,
        chromaSubsampling: quality.jpeg >= fullColour ? '4:4:4' : '4:2:0',
      });
    case 'png':
      // Filters chosen per row save a third on photographs.
      return fromRaster(raster).png({ compressionLevel: effort.png, adaptiveFiltering: true });
    case 'avif':
      return fromRaster(raster).avif({ quality: quality.avif, effort: effort.avif });
  }
}

/** Mixes the stored values, as browsers do: a JPEG looks like the WebP of the same preset on a page of that colour. */
function onBackground(raster: Raster, background: string): Sharp {
  const pipeline = fromRaster(raster);
  if (raster.channels === 3) return pipeline;
  const [r, g, b] = rgbOf(background);
  return pipeline.flatten({ background: { r, g, b } });
}
