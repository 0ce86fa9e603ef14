import type { Machine } from '../imaging/report/machine.ts';
import type { Curve } from './analysis/curves.ts';
import type { Equal } from './analysis/equal.ts';
import type { Memory } from './measures/memory.ts';
import type { Kind } from './pictures/kinds.ts';

/**
 * The recorded result. `curves` has the median score of each level of each setting, for a kind and a size: what defaults
 * are read from. `equal` has bytes and CPU at equal scores. `readResult` reads the file.
 */
export interface Result {
  quick: boolean;
  rounds: number;
  pictures: PictureRecord[];
  settings: SettingRecord[];
  curves: Curve[];
  equal: Equal[];
  memory: { picture: string; width: number; height: number; encoders: Memory[] };
  checks: Checks;
  machine: Machine;
  /** The codecs that sharp brings, and their versions. */
  encoders: string;
  judges: { first: string; second?: string };
}

export interface PictureRecord {
  name: string;
  kind: Kind;
  source: 'camera' | 'drawn';
  sizes: { size: number; width: number; height: number }[];
}

export interface SettingRecord {
  name: string;
  label: string;
  format: string;
  family: string;
  subsampling: string;
  effort?: number;
  level: string;
  ladder: readonly number[];
  /** Measured on one picture of each kind, up to this size. */
  upTo?: number;
}

/** What shows how far the numbers can be trusted. */
export interface Checks {
  encodes: number;
  /** Encodes whose bytes differed from those of the first round. */
  changed: number;
  /** Of the encodes with several rounds: the difference of the dearest and the cheapest, against the median. */
  cpuSpread: { median: number; upper: number };
  /** The judge against the package whose arithmetic it is: pairs, and the greatest difference of scores. */
  agreement: { pairs: number; greatest: number };
}
