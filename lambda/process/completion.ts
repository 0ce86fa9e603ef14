import { Rejection } from '../domain/failure.ts';
import { formatsOf } from '../domain/formats.ts';
import { inputTypeOf, type VariantName } from '../domain/image.ts';
import { completionOf } from '../domain/portion.ts';
import type { Settings } from '../domain/settings.ts';
import type { ClaimedImage, Completing } from '../postgres/images/claim.ts';
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
  completing: Completing,
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
  const outcome = await make(image, { completing, found }, context).then(
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

async function make(
  image: ClaimedImage,
  { completing, found }: { completing: Completing; found: Pick<JobResult, 'uploads'> },
  context: BatchContext,
) {
  const portion = missingOf(image, completing, context.settings);
  if (portion.length === 0) return [];
  const presets = image.presets.filter((name) => portion.some(({ preset }) => preset === name));
  const bytes = await fetchOriginal(image, found, context);
  return putVariants(image, await decode({ ...image, presets }, { bytes, portion }, context), context);
}

/** What this deployment still makes; of a preset that is configured no longer nothing follows. */
function missingOf(
  image: Pick<ClaimedImage, 'presets'>,
  { left, made, contentType }: Completing,
  { presets }: Pick<Settings, 'presets'>,
): VariantName[] {
  const type = inputTypeOf(contentType);
  return image.presets.flatMap((name) => {
    const preset = presets[name];
    const formatsIn = <Format>(names: readonly { preset: string; format: Format }[]) =>
      names.filter((one) => one.preset === name).map(({ format }) => format);
    return preset === undefined
      ? []
      : completionOf(formatsOf(preset, type), formatsIn(left), formatsIn(made)).map((format) => ({
          preset: name,
          format,
        }));
  });
}
