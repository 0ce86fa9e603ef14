import type { LossyFormat } from '../../domain/quality.ts';
import type { Look } from './look/look.ts';

/** For each score a linear function: a constant, then a weight for each feature. */
export interface Weights {
  /** Of the size. */
  bySize: readonly (readonly number[])[];
  /** Of all features. */
  byLook: readonly (readonly number[])[];
}

/** Fitted by `npm run bench -- codecs --calibrate`. Graphics have numbers of their own, for 4:4:4. */
export interface Calibration {
  scores: readonly number[];
  features: readonly (keyof Look)[];
  /** Of the pictures, as in a look. */
  sizes: { readonly least: number; readonly most: number };
  pictures: Readonly<Record<LossyFormat, Weights>>;
  graphics: Readonly<Record<LossyFormat, Weights>>;
  /** For log2 of the bytes a pixel of a graphic as WebP without loss. */
  lossless: readonly number[];
}
