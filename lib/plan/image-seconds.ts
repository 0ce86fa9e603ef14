import { shareOf } from '../../lambda/domain/portion.ts';
import type { Preset } from '../../lambda/domain/preset.ts';
import { coreMb, imageSecondsOnLambda } from '../rules/measured.ts';
import { type Presets, photographCpuMs, variantCount } from './photograph.ts';

/** The part of an image's time that is CPU, measured: 0.39 s of 0.48. The rest are waits for S3 and Postgres. */
const cpuPart = 0.39 / 0.48;
/** The photograph and presets of the measurement: six variants, and eight calls of S3 (list, get and six puts). */
const ordinary = { cpuMs: 372.7, calls: 8 };
const otherCalls = 2;

/** What an image's time on Lambda depends on. */
export interface Work {
  presets: Presets;
  memoryMb: number;
}

/**
 * Seconds that a worker takes for one photograph on Lambda: the assumed second of the default presets at a full vCPU, in
 * proportion to the CPU of the presets and to the share of a vCPU. The decoder is one thread, so that more than one vCPU
 * makes no image faster. Waits follow the calls of S3.
 */
export function imageSeconds({ presets, memoryMb }: Work): number {
  const cpu = cpuPart * (photographCpuMs(presets) / ordinary.cpuMs);
  const waits = (1 - cpuPart) * ((otherCalls + variantCount(presets)) / ordinary.calls);
  return imageSecondsOnLambda * (cpu / Math.min(1, memoryMb / coreMb) + waits);
}

/** The two halves of an image's work in a brown-out: the cheapest format of each preset, and the others later. */
export interface Halves {
  now: number;
  /** 0 if nothing is left for later. */
  later: number;
}

export function brownOutSeconds({ presets, memoryMb }: Work): Halves {
  const later = portion(presets, 'later');
  return {
    now: imageSeconds({ presets: portion(presets, 'now'), memoryMb }),
    later: variantCount(later) === 0 ? 0 : imageSeconds({ presets: later, memoryMb }),
  };
}

/** Presets as a brown-out makes them, now or later; presets of which nothing is made are left out. */
export function portion(presets: Presets, which: 'now' | 'later'): Presets {
  const made = Object.entries(presets).map(([name, preset]): [string, Preset] => {
    const { formats, effort, later } = shareOf(name, preset, 'jpeg', 'cheapest');
    return [name, which === 'now' ? { ...preset, formats, effort } : { ...preset, formats: later }];
  });
  return Object.fromEntries(made.filter(([, { formats }]) => formats.length > 0));
}
