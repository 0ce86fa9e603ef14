import type { Preset } from '../../domain/preset.ts';

/** CPU of an ordinary photograph, 12 megapixels in 3 MB and six variants, by its parts (bench/imaging). */
const ordinary = { bytes: 3_000_000, decode: 0.25, variants: 6 };
/** An image costs at least this much of one: claim, commit, and what S3 takes. */
const least = 0.1;
const most = 20;

/**
 * The expected cost of an image in ordinary photographs, from what a ticket declares. Its errors cancel out as long as
 * they are the same for all: the drain rate is measured in the same units.
 */
export function workOf(bytes: number, presets: readonly Pick<Preset, 'formats'>[]): number {
  const variants = presets.reduce((sum, { formats }) => sum + formats.length, 0);
  const size = Math.min(most, bytes / ordinary.bytes);
  const work = ordinary.decode * size + (1 - ordinary.decode) * (variants / ordinary.variants);
  return Math.min(most, Math.max(least, Math.round(work * 100) / 100));
}
