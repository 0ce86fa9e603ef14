import type { Metadata } from 'sharp';
import { Rejection } from '../../domain/failure.ts';
import type { Limits } from '../../domain/settings.ts';
import { tooComplex } from './complexity.ts';

type Header = Pick<Metadata, 'width' | 'height' | 'icc'>;

/**
 * Holds what the header of a file claims to the limits, before a pixel is decoded. What only an animation costs is no
 * reason to refuse it: its first frame is a picture like any other (`recipe.ts`).
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

function tooLarge(detail: string): Rejection {
  return new Rejection('dimensions_too_large', detail);
}
