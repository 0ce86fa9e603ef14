import type { RejectionCode } from '../domain/failure.ts';

/** Codes that an image ends with as `rejected`, or with `internal` as `failed`: what clients branch on. */
export type ImageErrorCode = RejectionCode | 'internal';

/** What each means for whoever sent the image. New codes may come; an unknown one is to be taken by the image's status. */
export const imageErrors: Record<ImageErrorCode, string> = {
  empty_file: 'The file has no bytes.',
  file_too_large: 'The file has more bytes than are taken.',
  unsupported_type: 'The bytes are no image of a type that is taken, whatever was declared.',
  corrupt_image:
    'The image is damaged or incomplete and cannot be read whole, or of a rare kind that is not supported; `detail` says which.',
  dimensions_too_large: 'The image has more pixels, or a longer side, than are taken.',
  too_complex:
    'Decoding would take too much: scans, segments, frames of a WebP, channels, chunks, profile or texts.',
  checksum_mismatch: 'The file does not have the SHA-256 that was declared.',
  decoder_crashed: 'The image crashed or hung the decoder, each time it was tried.',
  internal:
    'The fault is ours: it was tried several times, and is kept for us to look at. It may become ready later.',
};
export const imageErrorCodes = Object.keys(imageErrors) as [ImageErrorCode, ...ImageErrorCode[]];
