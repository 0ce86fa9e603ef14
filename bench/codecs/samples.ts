import type { Kind } from './pictures/kinds.ts';
import type { Size } from './pictures/pictures.ts';

/** What one setting made of one picture at one size and level. */
export interface Sample {
  setting: string;
  level: number;
  bytes: number;
  /** One a round, in ms. */
  cpuMs: number[];
  /** SSIMULACRA2, at most 100. */
  score: number;
  /** The 3-norm of Butteraugli, 0 for the same pixels; absent where it was not asked. */
  distance?: number;
}

/** One picture at one size, and all that was measured of it. */
export interface Measured {
  picture: string;
  kind: Kind;
  source: 'camera' | 'drawn';
  size: Size;
  width: number;
  height: number;
  samples: Sample[];
}
