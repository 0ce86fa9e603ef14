import type { RejectionCode } from '../domain/failure.ts';
import type { Decoded } from './decoded.ts';

/** Parent to decoder: one image and the presets wanted of it. */
export interface DecodeOrder {
  bytes: Uint8Array;
  presetNames: string[];
}

/**
 * Decoder to parent. `ready` comes once, when codecs and settings are loaded: a decoder that ends before it is our
 * fault, one that ends after it the image's. `reason` is for logs only, `detail` is shown to the tenant.
 */
export type DecoderMessage =
  | { type: 'ready' }
  | { type: 'decoded'; decoded: Decoded }
  | { type: 'rejected'; code: RejectionCode; detail: string; reason: string }
  | { type: 'failed'; reason: string };
