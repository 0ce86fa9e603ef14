import type { Machine } from '../imaging/report/machine.ts';
import type { Equal } from './analysis/equal.ts';
import type { Memory } from './measures/memory.ts';
import type { Kind } from './pictures/kinds.ts';
import type { Scope } from './settings.ts';

/** The recorded result. `equal` has bytes and CPU at equal scores. `readResult` reads the file. */
export interface Result {
  quick: boolean;
  rounds: number;
  pictures: PictureRecord[];
  settings: SettingRecord[];
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
  scope?: Scope;
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
