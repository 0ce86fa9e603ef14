import type { Metadata } from 'sharp';
import { Rejection } from '../../domain/failure.ts';
import type { Limits } from '../../domain/settings.ts';
import { tooComplex } from './complexity.ts';

type Header = Pick<Metadata, 'width' | 'height' | 'pages' | 'icc'>;

/**
 * Holds what the header of a file claims to the limits, before a pixel is decoded.
 * @param frames of an animation, 1 of anything else
 * @throws Rejection dimensions_too_large, too_complex
 */
export function checkHeader(header: Header, frames: number, limits: Limits, maxPixels: number): void {
  const { width, height, pages = 1, icc } = header;
  const { maxSide, maxPages, maxProfileBytes, maxFramePixels } = limits;
  const size = `${width} × ${height} pixels`;
  if (width > maxSide || height > maxSide)
    throw tooLarge(`The image is ${size}; at most ${maxSide} a side are accepted.`);
  if (width * height > maxPixels)
    throw tooLarge(`The image is ${size}; at most ${maxPixels} in all are accepted.`);
  if (pages > maxPages) throw tooComplex(`The image has ${pages} pages; at most ${maxPages} are accepted.`);
  if ((icc?.length ?? 0) > maxProfileBytes)
    throw tooComplex(`The colour profile is ${icc?.length} bytes; at most ${maxProfileBytes} are accepted.`);
  if (frames > 1 && frames * width * height > maxFramePixels)
    throw tooComplex(
      `The animation has ${frames} frames of ${size}; at most ${maxFramePixels} in all frames are accepted.`,
    );
}

function tooLarge(detail: string): Rejection {
  return new Rejection('dimensions_too_large', detail);
}
