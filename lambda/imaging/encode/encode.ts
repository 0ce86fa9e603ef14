import type { Sharp } from 'sharp';
import { mostFinePixels } from '../../domain/formats.ts';
import type { VariantFormat } from '../../domain/image.ts';
import type { Preset } from '../../domain/preset.ts';
import { isTarget, targetNumbers } from '../../domain/quality.ts';
import { fromRaster } from '../codecs.ts';
import type { Raster } from '../raster.ts';
import type { Recipe } from '../recipe.ts';
import { rgbOf } from '../rgb.ts';
import { withCredits } from './credits.ts';
import { isGraphic } from './look/graphic.ts';
import { lookOf } from './look/look.ts';
import { maySaveLossless } from './lossless.ts';
import { numberFor, trellisExtra } from './numbers.ts';
import { isOpaque } from './opaque.ts';

export type Encoding = Pick<Recipe, 'preset' | 'credits'>;

/**
 * Encodes pixels without metadata except the credits that the preset keeps. Deterministic. JPEG has no alpha: the
 * background shows through. For a score, a WebP loses nothing where that is smaller.
 */
export async function encode(raster: Raster, format: VariantFormat, encoding: Encoding): Promise<Buffer> {
  const bytes = await finished(pipelineOf(raster, format, encoding.preset), encoding);
  const mayLoseNothing = isTarget(encoding.preset.quality) || encoding.preset.formats.includes('modern');
  if (format !== 'webp' || !mayLoseNothing) return bytes;
  return (await losslessBelow(raster, bytes.length, encoding)) ?? bytes;
}

/** Of lossless WebP: more takes longer for the same bytes (bench/codecs). */
export const losslessEffort = 2;

/** Encodes as WebP that loses no pixel, where that may take no more bytes and does; undefined otherwise. */
export async function losslessBelow(
  raster: Raster,
  bytes: number,
  encoding: Encoding,
): Promise<Buffer | undefined> {
  if (!maySaveLossless(lookOf(raster, encoding.preset.background), bytes)) return undefined;
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

/** The file of a pipeline, with the credits that the preset keeps. */
export async function finished(pipeline: Sharp, { preset, credits }: Encoding): Promise<Buffer> {
  return withCredits(pipeline, credits, preset.metadata).toBuffer();
}

function pipelineOf(raster: Raster, format: VariantFormat, preset: Preset): Sharp {
  const { effort, background } = preset;
  switch (format) {
    case 'webp':
      return fromRaster(raster).webp(webpOptions(raster, preset));
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

/** For their memory, larger pictures are encoded as JPEG and WebP like photographs. */
function isFine({ width, height }: Raster): boolean {
  return width * height <= mostFinePixels;
}

/**
 * For a score, colour is subsampled in photographs, and not where it carries text and edges. A JPEG of more than
 * `mostFinePixels` has a number below 90.
 */
function numbersOf(format: 'jpeg' | 'avif', raster: Raster, { quality, effort, background }: Preset) {
  const subsampled = (is: boolean) => (is ? '4:2:0' : '4:4:4');
  if (!isTarget(quality))
    return {
      quality: quality[format],
      chromaSubsampling: subsampled(format === 'jpeg' && quality.jpeg < fullColour),
    };
  const look = lookOf(raster, background);
  const isLargeJpeg = format === 'jpeg' && !isFine(raster);
  const graphic = isGraphic(look) && !isLargeJpeg;
  const extra = format === 'jpeg' && effort.jpeg > 0 && !graphic ? trellisExtra(quality.score) : 0;
  const most = isLargeJpeg ? fullColour - 1 : targetNumbers[format].most;
  const number = Math.min(most, numberFor(format, quality, look, graphic) + extra);
  return { quality: number, chromaSubsampling: subsampled(!graphic) };
}

/**
 * WebP has 4:2:0 alone. Chosen with care (sharp YUV), its colours keep the edges of graphics: 4 to 13 points more for the
 * same bytes, in twice the time, half of which a lower effort returns for 3 % more bytes.
 */
function webpOptions(raster: Raster, { quality, effort: { webp }, background }: Preset) {
  const effort = raster.channels === 4 ? Math.min(webp, alphaEffort) : webp;
  if (!isTarget(quality)) return { quality: quality.webp, effort };
  const look = lookOf(raster, background);
  const graphic = isGraphic(look) && isFine(raster);
  const number = numberFor('webp', quality, look, graphic);
  return graphic
    ? { quality: number, effort: Math.min(webp, graphicEffort), smartSubsample: true }
    : { quality: number, effort };
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
