import { olderFormats } from '../../lambda/domain/formats.ts';
import type { FormatChoice, VariantFormat } from '../../lambda/domain/image.ts';
import { laterOf, shareOf } from '../../lambda/domain/portion.ts';
import type { Preset } from '../../lambda/domain/preset.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { coreMb, imageSecondsOnLambda } from '../rules/measured.ts';
import { formatOfPhotograph, type Presets, photographCpuMs, variantCount } from './photograph.ts';

/** The photograph of the assumption, in three sizes as WebP and JPEG: six variants, and eight calls of S3 (list, get and six puts). */
const ordinary = { cpuMs: 409.979328, calls: 8 };
const otherCalls = 2;
/** Waits for S3 and Postgres of that image, as a part of its time: measured 0.09 s of 0.48. */
const waitPart = 0.09 / 0.48;

/** What an image's time on Lambda depends on. */
export interface Work {
  presets: Presets;
  memoryMb: number;
  /** Images in progress in an execution. */
  jobsInFlight: number;
}

/**
 * Seconds that a worker takes for each photograph on Lambda: the assumed second of the default presets at a full vCPU, in
 * proportion to the CPU of the presets and to the share of a vCPU. The decoder is one thread, so that more than one vCPU
 * makes no image faster. Waits are hidden behind the decodes of other images, as long as these take longer.
 */
export function imageSeconds({ presets, memoryMb, jobsInFlight }: Work): number {
  const cpu = photographCpuMs(presets) / ordinary.cpuMs / Math.min(1, memoryMb / coreMb);
  const waits = (waitPart * (otherCalls + variantCount(presets))) / ordinary.calls;
  // Without the last digits, which are an error of the sums.
  return Number((imageSecondsOnLambda * Math.max(cpu, waits / jobsInFlight)).toFixed(9));
}

/** The two halves of an image's work in a brown-out: the cheapest format of each preset, and the others later. */
export interface Halves {
  now: number;
  /** 0 if nothing is left for later. */
  later: number;
}

export function brownOutSeconds(work: Work): Halves {
  const later = portion(work.presets, 'later');
  return {
    now: imageSeconds({ ...work, presets: portion(work.presets, 'now') }),
    later: variantCount(later) === 0 ? 0 : imageSeconds({ ...work, presets: later }),
  };
}

/** Presets as a brown-out makes them, now or later; presets of which nothing is made are left out. */
export function portion(presets: Presets, which: 'now' | 'later'): Presets {
  const made = Object.entries(presets).map(([name, preset]): [string, Presets[string]] => {
    const share = shareOf(name, preset, 'jpeg', 'cheapest');
    const { formats, effort } = share;
    if (which === 'now') return [name, { ...preset, formats, effort }];
    const made = formats.map((choice) => ({ format: formatOfPhotograph(choice), frames: 1 }));
    const later = laterOf(share, preset, made);
    return [name, { ...preset, formats: later, ...comparison(preset, later) }];
  });
  return Object.fromEntries(made.filter(([, { formats }]) => formats.length > 0));
}

/** The JPEG and the PNG of a preset were made before, and are made again where `modern` is compared with them. */
function comparison(preset: Preset, later: readonly FormatChoice[]): { comparedWith?: VariantFormat[] } {
  const before = olderFormats(preset).filter((format) => !later.includes(format));
  return later.includes('modern') && before.length > 0 ? { comparedWith: before } : {};
}

export function workOf({
  presets,
  process: { memoryMb, jobsInFlight },
}: Pick<ResolvedConfig, 'presets' | 'process'>): Work {
  return { presets, memoryMb, jobsInFlight };
}
