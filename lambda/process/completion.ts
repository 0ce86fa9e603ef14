import { Rejection } from '../domain/failure.ts';
import type { VariantName } from '../domain/image.ts';
import type { ClaimedImage } from '../postgres/images/claim.ts';
import type { JobResult } from '../postgres/images/commit.ts';
import type { BatchContext } from './dependencies.ts';
import { judge } from './failures.ts';
import { fetchOriginal } from './original.ts';
import type { Outcome } from './recorder.ts';
import { decode, putVariants } from './rendering.ts';

/**
 * Makes the variants of a ready image that a brown-out left for later. Never throws. Its message is done whatever happens:
 * the sweep sends another while variants follow. An image that fails for a reason of its own stays as it is, without them.
 */
export async function completeImage(
  image: ClaimedImage,
  pending: readonly VariantName[],
  context: BatchContext,
): Promise<Outcome> {
  const { log, brownOut } = context;
  const { imageId, tenant, attempt } = image;
  const about = { imageId, tenant, attempt };
  if (brownOut.active) {
    log.info('Not completed: older work waits too long', about);
    return { imageId, attempt, outcome: 'released', counted: false, back: 'done' };
  }
  const found: Pick<JobResult, 'uploads'> = {};
  const outcome = await make(image, { pending, found }, context).then(
    (variants): Outcome => {
      log.info('Completed', { ...about, variants: variants.length });
      return { imageId, attempt, outcome: 'completed', variants };
    },
    (error: unknown): Outcome => {
      if (!(error instanceof Rejection)) {
        const { reason: _, ...released } = judge(error, image, context);
        return { ...released, back: 'done' };
      }
      log.warn('The variants that followed were given up', {
        ...about,
        code: error.code,
        cause: error.cause,
      });
      return { imageId, attempt, outcome: 'completed', variants: [], error: `given up: ${error.code}` };
    },
  );
  return { ...outcome, ...found };
}

/** Presets that are configured no longer have nothing to follow. */
async function make(
  image: ClaimedImage,
  { pending, found }: { pending: readonly VariantName[]; found: Pick<JobResult, 'uploads'> },
  context: BatchContext,
) {
  const follows = new Set(pending.map(({ preset }) => preset));
  const presets = image.presets.filter(
    (name) => follows.has(name) && context.settings.presets[name] !== undefined,
  );
  if (presets.length === 0) return [];
  const bytes = await fetchOriginal(image, found, context);
  return putVariants(
    image,
    await decode({ ...image, presets }, { bytes, portion: pending }, context),
    context,
  );
}
