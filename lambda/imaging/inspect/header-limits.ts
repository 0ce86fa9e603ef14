import type { Metadata } from 'sharp';
import { Rejection } from '../../domain/failure.ts';
import type { Limits } from '../../domain/settings.ts';
import { tooComplex } from './complexity.ts';

type Header = Pick<Metadata, 'width' | 'height' | 'icc'>;

/**
 * Checks the header of a file against the limits, before a pixel is decoded. Costs of animation alone do not refuse it: its
 * first frame is an image like any other (`recipe.ts`).
 * @throws Rejection dimensions_too_large, too_complex
 */
export function checkHeader(header: Header, limits: Limits, maxPixels: number): void {
  const { width, height, icc } = header;
  const { maxSide, maxProfileBytes } = limits;
  const size = `${width} × ${height} pixels`;
  if (width > maxSide || height > maxSide)
    throw tooLarge(`The image is ${size}; at most ${maxSide} a side are accepted.`);
  if (width * height > maxPixels)
    throw tooLarge(`The image is ${size}; at most ${maxPixels} in all are accepted.`);
  if ((icc?.length ?? 0) > maxProfileBytes)
    throw tooComplex(`The colour profile is ${icc?.length} bytes; at most ${maxProfileBytes} are accepted.`);
}

/** Largest size of a pixel in bytes: four channels of 16 bits. Only a TIFF may have more. */
const mostPixelBytes = 8;

/**
 * Bounds an image with additional channels, all of which are decoded, by the largest one of four.
 * @throws Rejection too_complex
 */
export function checkChannels(
  { width, height, channels = 1, depth }: Pick<Metadata, 'width' | 'height' | 'channels' | 'depth'>,
  maxPixels: number,
): void {
  const most = maxPixels * mostPixelBytes;
  if (width * height * channels * (depth === 'uchar' ? 1 : 2) <= most) return;
  throw tooComplex(
    `The image is ${width} × ${height} pixels of ${channels} channels; at most ${most} bytes of pixels are decoded.`,
  );
}

function tooLarge(detail: string): Rejection {
  return new Rejection('dimensions_too_large', detail);
}
