import { Rejection } from '../../domain/failure.ts';
import type { Limits } from '../../domain/settings.ts';
import type { Decodable } from './file-type.ts';
import { countMarkers } from './jpeg-markers.ts';
import { measureAncillary } from './png-inflated.ts';
import { countFrames } from './webp-chunks.ts';

type Check = (bytes: Uint8Array, limits: Limits) => void | Promise<void>;

/** Tools write less than a hundredth of these before the pixels; a million took libpng 3.9 s. */
const mostChunks = 10_000;
/** Cameras write less than a hundredth of these; a profile has at most 255. */
const mostSegments = 10_000;

/** Checks what a codec would spend on a file before it reports the size, so that it is counted without the codec. */
const checks: Partial<Record<Decodable, Check>> = {
  jpeg: (bytes, { maxScans }) => {
    const { scans, segments } = countMarkers(bytes, { scans: maxScans, segments: mostSegments });
    if (scans > maxScans) throw tooComplex(`The JPEG has more than ${maxScans} scans.`);
    if (segments > mostSegments) throw tooComplex(`The JPEG has more than ${mostSegments} segments.`);
  },
  png: async (bytes, { maxProfileBytes }) => {
    const { chunks, inflated } = await measureAncillary(bytes, {
      chunks: mostChunks,
      inflated: maxProfileBytes,
    });
    if (chunks > mostChunks)
      throw tooComplex(`The PNG has more than ${mostChunks} chunks before its pixels.`);
    if (inflated > maxProfileBytes)
      throw tooComplex(
        `The colour profile and the compressed texts of the PNG are more than ${maxProfileBytes} bytes.`,
      );
  },
  webp: (bytes, { maxPages }) => {
    if (countFrames(bytes, maxPages) > maxPages)
      throw tooComplex(`The WebP has more than ${maxPages} frames.`);
  },
};

/** @throws Rejection too_complex */
export async function checkComplexity(bytes: Uint8Array, type: Decodable, limits: Limits): Promise<void> {
  await checks[type]?.(bytes, limits);
}

export function tooComplex(detail: string): Rejection {
  return new Rejection('too_complex', detail);
}
