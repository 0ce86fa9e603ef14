import { z } from 'zod';
import { namedScores, type Quality, type QualityName, scoreRange } from '../../lambda/domain/quality.ts';

/* The quality of a preset: a score for all formats and sizes, or the encoders' own numbers. */

const names = Object.keys(namedScores);
const { least, most } = scoreRange;
const isName = (given: unknown): given is QualityName => names.some((name) => name === given);
const score = z
  .custom<QualityName | number>(
    (given) => isName(given) || (typeof given === 'number' && given >= least && given <= most),
    `must be one of ${names.map((name) => `"${name}"`).join(', ')}, or a score of ${least}-${most}`,
  )
  .transform((given) => (typeof given === 'number' ? given : namedScores[given]));

/**
 * `auto: false` takes one number for each size, from one set for photographs and one for graphics: predictable, but not the
 * same bytes for all pictures.
 */
const target = z.strictObject({ score, auto: z.boolean().default(true) });

const number = z.int().min(1).max(100);
const numbers = z.strictObject({
  webp: number.default(80),
  jpeg: number.default(80),
  /** AVIF has a lower scale: 50 looks like JPEG's 80. */
  avif: number.default(50),
});

function schemaOf(given: unknown) {
  if (Array.isArray(given))
    return z.never(
      `must be a name or score, an object with a score, or the encoders' numbers like { webp: 80 }; it is a list`,
    );
  if (typeof given !== 'object' || given === null) return score;
  return 'score' in given || 'auto' in given ? target : numbers;
}

/** One schema for each form, so that a mistake is told of the form that was meant. */
export const quality = z
  .custom<z.input<typeof score> | z.input<typeof target> | z.input<typeof numbers>>()
  .default('standard')
  .transform((given, context): Quality => {
    const schema: z.ZodType<number | Quality> = schemaOf(given);
    const read = schema.safeParse(given);
    if (!read.success) {
      for (const { path, message } of read.error.issues) context.addIssue({ code: 'custom', path, message });
      return z.NEVER;
    }
    const found = read.data;
    if (typeof found === 'number') return { score: found, auto: true };
    return found;
  });
