import { formatsOf } from './formats.ts';
import type { FormatChoice, VariantFormat, VariantName } from './image.ts';
import type { InputType } from './inputs.ts';
import type { Preset } from './preset.ts';

/** The variants to make: all, the cheapest of each preset (a brown-out), or those that were left for later. */
export type Portion = 'all' | 'cheapest' | readonly VariantName[];

/** Formats by the CPU of a variant, cheapest first; lib/rules/sandbox-time.ts has the measured times. */
const byCost: readonly FormatChoice[] = ['jpeg', 'png', 'webp', 'modern', 'avif'];
/** Effort of the `fast` profile: WebP's 2 takes half the time of 4, AVIF's 0 a thirty-fifth of 4. */
const fastEffort: Partial<Record<VariantFormat, number>> = { webp: 2, avif: 0 };

/** What a preset makes now, with its effort, and the formats that follow later. */
interface Share {
  formats: FormatChoice[];
  effort: Preset['effort'];
  later: FormatChoice[];
}

/** The share of a preset in a portion, for an image of a type. A variant of less effort is made anew later. */
export function shareOf(name: string, preset: Preset, type: InputType, portion: Portion): Share {
  const all = formatsOf(preset, type);
  const { effort } = preset;
  if (portion === 'all') return { formats: all, effort, later: [] };
  if (portion !== 'cheapest') {
    const wanted = portion.filter((one) => one.preset === name).map(({ format }) => format);
    return { formats: all.filter((format) => wanted.includes(format)), effort, later: [] };
  }
  const cheapest = byCost.find((format) => all.includes(format)) as FormatChoice;
  // Its formats take about the same time, and AVIF's effort is 0 already.
  if (cheapest === 'modern')
    return { formats: [cheapest], effort, later: all.filter((format) => format !== cheapest) };
  const fast = Math.min(effort[cheapest], fastEffort[cheapest] ?? Number.POSITIVE_INFINITY);
  const isMended = fast < effort[cheapest];
  return {
    formats: [cheapest],
    effort: { ...effort, [cheapest]: fast },
    later: all.filter((format) => format !== cheapest || isMended),
  };
}
