import type { Sharp } from 'sharp';
import { mostFinePixels } from '../../domain/formats.ts';
import type { VariantFormat } from '../../domain/image.ts';
import type { Preset } from '../../domain/preset.ts';
import { isTarget, type LossyFormat } from '../../domain/quality.ts';
import { fromRaster } from '../codecs.ts';
import type { FrameStrip } from '../frame-strip.ts';
import { countFrames } from '../inspect/webp-chunks.ts';
import type { Raster } from '../raster.ts';
import type { Recipe } from '../recipe.ts';
import { rgbOf } from '../rgb.ts';
import { withCredits } from './credits.ts';
import { isGraphic } from './look/graphic.ts';
import { lookOf } from './look/look.ts';
import { losslessBytes, numberFor } from './numbers.ts';
import { isOpaque } from './opaque.ts';
import { writtenTiming } from './timing.ts';

export type Encoding = Pick<Recipe, 'preset' | 'credits'>;

/**
 * Encodes pixels without metadata except the credits that the preset keeps. Deterministic. JPEG has no alpha: the
 * background shows through. For a score, a WebP of flat graphics loses nothing where that is smaller.
 */
export async function encode(raster: Raster, format: VariantFormat, encoding: Encoding): Promise<Buffer> {
  const bytes = await finished(pipelineOf(raster, format, encoding.preset), encoding);
  const mayLoseNothing = isTarget(encoding.preset.quality) || encoding.preset.formats.includes('modern');
  if (format !== 'webp' || !mayLoseNothing) return bytes;
  return (await losslessBelow(raster, bytes.length, encoding)) ?? bytes;
}

/** Of lossless WebP: more takes longer for the same bytes (bench/codecs). */
const losslessEffort = 2;
/** The bytes are known to a factor of about 1.5 beforehand. With this margin half of the graphics are tried, and no winner lost. */
const losslessMargin = 2.25;

/** Encodes flat graphics as WebP that loses none of their pixels, where that takes no more bytes; undefined otherwise. */
async function losslessBelow(raster: Raster, bytes: number, encoding: Encoding): Promise<Buffer | undefined> {
  const look = lookOf(raster);
  if (!isGraphic(look) || losslessBytes(look) > losslessMargin * bytes) return undefined;
  const pipeline = fromRaster(raster).webp({ lossless: true, effort: losslessEffort });
  const lossless = await finished(pipeline, encoding);
  return lossless.length <= bytes ? lossless : undefined;
}

/** From this quality on JPEG colour is not subsampled, as in libvips and ImageMagick. */
const fullColour = 90;
/** With alpha, WebP's effort of 6 took 5 to 18 s a megapixel, and 5 took 0.7 s for as many bytes. */
const alphaEffort = 5;

/** Of WebP for a score, which graphics were calibrated with. */
const graphicEffort = 2;
/** More effort takes twice as long for 6 % fewer bytes, and animations have many frames. */
const animationEffort = 2;

/** Encodes a strip of frames as an animated WebP. */
export async function encodeAnimation({ raster, timing }: FrameStrip, encoding: Encoding): Promise<Buffer> {
  const { quality, effort } = encoding.preset;
  const pipeline = fromRaster(raster, raster.height / timing.frames).webp({
    quality: isTarget(quality) ? numberFor('webp', quality, lookOf(raster, timing.frames)) : quality.webp,
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

function pipelineOf(raster: Raster, format: VariantFormat, preset: Preset): Sharp {
  const { effort, background } = preset;
  switch (format) {
    case 'webp':
      return fromRaster(raster).webp({
        quality: numbersOf('webp', raster, preset).quality,
        ...webpOptions(raster, preset),
      });
    case 'jpeg':
      return onBackground(raster, background).jpeg({
        ...numbersOf('jpeg', raster, preset),
        mozjpeg: effort.jpeg > 0,
      });
    case 'png':
      // Filters chosen per row save a third on photographs.
      return fromRaster(raster).png({ compressionLevel: effort.png, adaptiveFiltering: true });
    case 'avif':
      return withoutUselessAlpha(raster).avif({
        ...numbersOf('avif', raster, preset),
        effort: effort.avif,
      });
  }
}

/**
 * For a score, colour is subsampled in photographs, and not where it carries text and edges; but a JPEG of more than
 * `mostFinePixels` is always, and has a number below 90.
 */
function numbersOf(format: LossyFormat, raster: Raster, { quality }: Preset) {
  const subsampled = (is: boolean) => (is ? '4:2:0' : '4:4:4');
  if (!isTarget(quality))
    return {
      quality: quality[format],
      chromaSubsampling: subsampled(format === 'jpeg' && quality.jpeg < fullColour),
    };
  const look = lookOf(raster);
  const number = numberFor(format, quality, look);
  if (format === 'jpeg' && raster.width * raster.height > mostFinePixels)
    return { quality: Math.min(number, fullColour - 1), chromaSubsampling: subsampled(true) };
  return { quality: number, chromaSubsampling: subsampled(!isGraphic(look)) };
}

/**
 * WebP has 4:2:0 alone. Chosen with care (sharp YUV), its colours keep the edges of graphics: 4 to 13 points more for the
 * same bytes, in twice the time, half of which a lower effort returns for 3 % more bytes.
 */
function webpOptions(raster: Raster, { quality, effort: { webp } }: Preset) {
  if (isTarget(quality) && isGraphic(lookOf(raster)))
    return { effort: Math.min(webp, graphicEffort), smartSubsample: true };
  return { effort: raster.channels === 4 ? Math.min(webp, alphaEffort) : webp };
}

/** AVIF has a second image for alpha, also where all of it is opaque. WebP leaves such an alpha out by itself. */
function withoutUselessAlpha(raster: Raster): Sharp {
  const pipeline = fromRaster(raster);
  return raster.channels === 4 && isOpaque(raster) ? pipeline.removeAlpha() : pipeline;
}

/** Mixes the stored values, as browsers do: a JPEG looks like the WebP of the same preset on a page of that colour. */
function onBackground(raster: Raster, background: string): Sharp {
  const pipeline = fromRaster(raster);
  if (raster.channels === 3) return pipeline;
  const [r, g, b] = rgbOf(background);
  return pipeline.flatten({ background: { r, g, b } });
}
