import { formatsOf, possibleFormats } from './formats.ts';
import type { FormatChoice, VariantFormat, VariantName } from './image.ts';
import type { InputType } from './inputs.ts';
import type { Preset } from './preset.ts';

/** The variants to make: all, the cheapest of each preset (a brown-out), or those that were left for later. */
export type Portion = 'all' | 'cheapest' | readonly VariantName[];

/** Formats by the CPU of a variant, cheapest first; lib/rules/sandbox-time.ts has the measured times. */
const byCost: readonly FormatChoice[] = ['jpeg', 'png', 'webp', 'modern', 'avif'];
/**
 * WebP's 2 takes half the time of 4, AVIF's 0 about a fiftieth of 4, JPEG's 0 an eighth of 1 (bench/codecs), PNG's 6 a
 * fourteenth of 9 and half of 7.
 */
const fastEffort: Record<VariantFormat, number> = { webp: 2, avif: 0, jpeg: 0, png: 6 };

/** What a preset makes now, with its effort, and the formats that may follow; `laterOf` says which do. */
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
  const fast = Object.fromEntries(
    possibleFormats(cheapest).map((format) => [format, Math.min(effort[format], fastEffort[format])]),
  );
  const lowered = { ...effort, ...fast };
  const isLowered = possibleFormats(cheapest).some((format) => lowered[format] < effort[format]);
  return {
    formats: [cheapest],
    effort: lowered,
    later: all.filter((format) => format !== cheapest || isLowered),
  };
}

/** What a variant became. */
interface Became {
  format: VariantFormat;
  /** 1 for a still picture. */
  frames: number;
}

/**
 * What follows a share, by what it became: `modern` has two efforts, and is made anew only if that of the format which the
 * picture got was lowered. An animation has the lowered effort at most, so that it would be the same again.
 */
export function laterOf(share: Share, { effort }: Preset, made: readonly Became[]): FormatChoice[] {
  const isFast = (format: VariantFormat) =>
    share.effort[format] < effort[format] && made.some((one) => one.format === format && one.frames === 1);
  return share.later.filter(
    (format) => !share.formats.includes(format) || possibleFormats(format).some(isFast),
  );
}

/**
 * The variants that complete a preset. If one that was left for later is configured no longer, all that the preset makes now
 * and the image lacks take its place: an image that waited with WebP gets the `modern` of today.
 * @param left what was left for later, of this preset
 * @param made formats that the image has of it
 */
export function completionOf(
  formats: readonly FormatChoice[],
  left: readonly FormatChoice[],
  made: readonly VariantFormat[],
): FormatChoice[] {
  const isReplaced = left.some((format) => !formats.includes(format));
  const isLacking = (format: FormatChoice) => !made.some((one) => one === format);
  return formats.filter((format) => left.includes(format) || (isReplaced && isLacking(format)));
}
