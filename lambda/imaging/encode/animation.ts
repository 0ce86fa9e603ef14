import { mostFineFramePixels } from '../../domain/formats.ts';
import { isTarget } from '../../domain/quality.ts';
import { fromRaster } from '../codecs.ts';
import type { FrameStrip } from '../frame-strip.ts';
import { countFrames } from '../inspect/webp-chunks.ts';
import { type Encoding, finished, losslessEffort } from './encode.ts';
import { isGraphic } from './look/graphic.ts';
import { lookOf } from './look/look.ts';
import { numberFor } from './numbers.ts';
import { writtenTiming } from './timing.ts';

/** More effort takes twice as long for 6 % fewer bytes, and animations have many frames. */
const animationEffort = 2;

/**
 * Encodes a strip of frames as an animated WebP. For a score, graphics have their colours chosen with care (sharp YUV), and
 * lose nothing where that is smaller, if the frames together have at most `mostFineFramePixels`.
 */
export async function encodeAnimation(strip: FrameStrip, encoding: Encoding): Promise<Buffer> {
  const { raster, timing } = strip;
  const { quality, effort, background } = encoding.preset;
  const lossy = { effort: Math.min(effort.webp, animationEffort) };
  if (!isTarget(quality)) return encoded(strip, encoding, { ...lossy, quality: quality.webp });
  const look = lookOf(raster, background, timing.frames);
  const graphic = isGraphic(look) && raster.width * raster.height <= mostFineFramePixels;
  const number = numberFor('webp', quality, look, graphic);
  const bytes = await encoded(strip, encoding, { ...lossy, quality: number, smartSubsample: graphic });
  if (!graphic) return bytes;
  const lossless = await encoded(strip, encoding, { lossless: true, effort: losslessEffort });
  return lossless.length <= bytes.length ? lossless : bytes;
}

/** Frames of an animated WebP: the encoder merges equal consecutive ones, and writes a still where all are equal. */
export function framesOf(webp: Buffer): number {
  return Math.max(1, countFrames(webp, Number.POSITIVE_INFINITY));
}

type WebpOptions = { effort: number; quality?: number; smartSubsample?: boolean; lossless?: boolean };

function encoded({ raster, timing }: FrameStrip, encoding: Encoding, options: WebpOptions): Promise<Buffer> {
  const pipeline = fromRaster(raster, raster.height / timing.frames);
  return finished(pipeline.webp({ ...options, ...writtenTiming(timing) }), encoding);
}
