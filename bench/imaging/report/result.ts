import type { Camera } from '../equal/cameras.ts';
import type { WayVariants } from '../equal/variant.ts';
import type { Fidelity } from '../measures/fidelity.ts';
import type { LongRun } from '../measures/jobs.ts';
import type { Pairs } from '../measures/pairs.ts';
import type { Step } from '../measures/profile.ts';
import type { Missing } from '../peers/peer.ts';
import type { Photograph } from '../photographs/photographs.ts';
import type { Cost } from './costs.ts';
import type { Machine } from './machine.ts';
import type { Promised } from './promise.ts';

/** The recorded result. */
export interface Result {
  promises: Promised[];
  rounds: number;
  picture: Pick<Photograph, 'width' | 'height' | 'bytes'>;
  /** In turns, on the first photograph. */
  costs: Cost[];
  /** Bytes and scores of the first photograph's files; none without a judge. */
  variants: WayVariants[];
  /** Both formats of photographs of cameras; absent where there are none. */
  pairs?: Pairs;
  /** CPU at equal score on the same photographs. */
  cameras: Camera[];
  /** In turns, on each of the others: by its name. */
  others: { label: string; costs: Cost[] }[];
  peaks: { label: string; peakMb: number }[];
  fidelity: Fidelity[];
  steps: Step[];
  floorParts: Step[];
  longRun?: LongRun;
  missing: Missing[];
  versions: string[];
  machine: Machine;
}
