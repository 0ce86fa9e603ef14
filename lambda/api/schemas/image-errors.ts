import type { RejectionCode } from '../../domain/failure.ts';

/** Codes of a `rejected` image, or `internal` of a `failed` one. Clients branch on them. */
export type ImageErrorCode = RejectionCode | 'internal';

/** Their meanings for clients. New codes may be added. */
export const imageErrors: Record<ImageErrorCode, string> = {
  empty_file: 'The file is empty.',
  file_too_large: 'The file exceeds `limits.maxBytes`.',
  unsupported_type: 'The bytes are not an image of an accepted type, whatever type was declared.',
  corrupt_image:
    'The image is damaged, incomplete, or of a rare kind that is not supported; `detail` explains it.',
  dimensions_too_large: 'The image has too many pixels, or a side is too long.',
  too_complex:
    'Decoding would be too expensive: too many scans, segments, WebP frames, channels or chunks, or too large a profile or text.',
  checksum_mismatch: 'The SHA-256 of the file is not the declared one.',
  decoder_crashed: 'The image crashed the decoder, or exceeded its time limit, on every attempt.',
  internal:
    'The service failed on every attempt. The image is kept for the operators and may become ready later.',
};
export const imageErrorCodes = Object.keys(imageErrors) as [ImageErrorCode, ...ImageErrorCode[]];
