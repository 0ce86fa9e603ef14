import type { LossyFormat } from '../../domain/quality.ts';
import type { Look } from './look/look.ts';

/** For each score a linear function: a constant, then a weight for each feature. */
export interface Weights {
  /** Of the size. */
  bySize: readonly (readonly number[])[];
  /** Of all features. */
  byLook: readonly (readonly number[])[];
}

/** The least and the most that the fitted pictures had of each feature. */
export interface Range {
  least: readonly number[];
  most: readonly number[];
}

/** The weights of pictures, or of graphics, and the looks that they were fitted to. */
export type Kind = Readonly<Record<LossyFormat, Weights>> & { readonly range: Range };

/** Fitted by `npm run bench -- codecs --calibrate`. Graphics have numbers of their own, for 4:4:4. */
export interface Calibration {
  scores: readonly number[];
  features: readonly (keyof Look)[];
  /** Of the pictures, as in a look. */
  sizes: { readonly least: number; readonly most: number };
  pictures: Kind;
  /** Of pictures, and of photographs with little colour or none. */
  pale: Kind;
  graphics: Kind;
  /** For log2 of the bytes a pixel of a graphic as WebP without loss. */
  lossless: readonly number[];
}
