import type { Scores } from './search.ts';

/** A file of a way and its score against the pixels that were encoded. */
export interface Scored {
  preset: string;
  format: string;
  score: number;
}

/** The same with its bytes, and its quality where that was searched. */
export interface Variant extends Scored {
  bytes: number;
  quality?: number;
}

/** All files that a way makes of the photograph. */
export interface WayVariants {
  name: string;
  label: string;
  variants: Variant[];
}

export function scoredFiles(scores: Scores): Scored[] {
  return Object.entries(scores).map(([variant, score]) => {
    const [preset = '', format = ''] = variant.split('.');
    return { preset, format, score };
  });
}

/** The files for browsers since January 2024, which see no JPEG where there is one of them. */
export function modernFiles<File extends { format: string }>(files: readonly File[]): File[] {
  return files.filter(({ format }) => format !== 'jpeg');
}

/** A size has a JPEG and one other file, whose format depends on the way: WebP or AVIF. */
export function counterpart<File extends Pick<Variant, 'preset' | 'format'>>(
  of: Pick<Variant, 'preset' | 'format'>,
  others: readonly File[],
): File | undefined {
  return others.find(
    ({ preset, format }) => preset === of.preset && (format === 'jpeg') === (of.format === 'jpeg'),
  );
}

/**
 * The most that any file's score lies below that of its counterpart in `others`; negative where all lie above, infinite
 * where a size is missing. Sluice drops the other file where the JPEG is smaller: then browsers show the JPEG.
 */
export function lossOf(own: readonly Scored[], others: readonly Scored[]): number {
  return Math.max(
    ...others.map((other) => {
      const shown = counterpart(other, own) ?? counterpart({ ...other, format: 'jpeg' }, own);
      return other.score - (shown?.score ?? Number.NEGATIVE_INFINITY);
    }),
  );
}

/** The same of the modern files of two ways; undefined where one of them was not judged. */
export function greatestLoss(
  ways: readonly WayVariants[],
  name: string,
  reference: string,
): number | undefined {
  const of = (wanted: string) => ways.find((way) => way.name === wanted)?.variants;
  const [own, others] = [of(name), of(reference)];
  return own === undefined || others === undefined ? undefined : lossOf(own, modernFiles(others));
}
