import { Rejection } from '../domain/failure.ts';
import { inputTypeOf, type Variant, type VariantName } from '../domain/image.ts';
import { laterOf, type Portion, shareOf } from '../domain/portion.ts';
import type { Settings } from '../domain/settings.ts';
import type { RenderedImage } from '../imaging/rendered-image.ts';
import type { ClaimedImage } from '../postgres/images/claim.ts';
import type { JobResult } from '../postgres/images/commit.ts';
import { completeImage } from './completion.ts';
import type { BatchContext } from './dependencies.ts';
import { judge, PresetGone } from './failures.ts';
import { newerArrived } from './newer.ts';
import { fetchOriginal } from './original.ts';
import type { Outcome } from './recorder.ts';
import { decode, putVariants } from './rendering.ts';

/** Outcome of a claimed image for which no time was left. */
export function notStarted({ imageId, tenant, attempt }: ClaimedImage, { log }: BatchContext): Outcome {
  log.info('Not started: the invocation ends soon', { imageId, tenant, attempt });
  return { imageId, attempt, outcome: 'released', counted: false, back: 'soon' };
}

/**
 * Works on one claimed image, unless a newer one of its name has arrived: fetch, check, decode, put. Never throws, and ends
 * with the time for work; an error becomes an outcome.
 */
export async function runJob(image: ClaimedImage, context: BatchContext): Promise<Outcome> {
  const { log, deadline } = context;
  if (!deadline.mayStart()) return notStarted(image, context);
  if (image.completing !== null) return completeImage(image, image.completing, context);
  const { imageId, tenant, attempt } = image;
  const about = { imageId, tenant, attempt };
  const found: Pick<JobResult, 'uploads'> = {};
  const started = performance.now();
  const outcome = await make(image, found, context).then(
    (made): Outcome => {
      if ('supersededBy' in made) {
        log.info('Superseded', { ...about, supersededBy: made.supersededBy });
        return { imageId, attempt, outcome: 'superseded', ...made };
      }
      const { original, placeholder, variants, pending } = made;
      const milliseconds = Math.round(performance.now() - started);
      log.info('Processed', {
        ...about,
        milliseconds,
        bytes: original.bytes,
        variants: variants.length,
        pending: pending?.length,
      });
      return { imageId, attempt, outcome: 'ready', original, placeholder, variants, pending };
    },
    (error: unknown): Outcome => {
      if (!(error instanceof Rejection)) return judge(error, image, context);
      const { code, detail, cause } = error;
      log.info('Rejected', { ...about, code, cause });
      return { imageId, attempt, outcome: 'rejected', code, detail };
    },
  );
  return { ...outcome, ...found };
}

interface Made extends Pick<RenderedImage, 'original' | 'placeholder'> {
  variants: Variant[];
  pending: VariantName[] | undefined;
}

async function make(
  image: ClaimedImage,
  found: Pick<JobResult, 'uploads'>,
  context: BatchContext,
): Promise<Made | { supersededBy: string }> {
  const supersededBy = await newerArrived(image, context);
  if (supersededBy !== undefined) return { supersededBy };
  const { presets } = context.settings;
  const gone = image.presets.filter((name) => presets[name] === undefined);
  if (gone.length > 0) throw new PresetGone(gone);
  const bytes = await fetchOriginal(image, found, context);
  const portion: Portion = context.brownOut.active ? 'cheapest' : 'all';
  const rendered = await decode(image, { bytes, portion }, context);
  const { original, placeholder } = rendered;
  const later = laterVariants(image, rendered, { presets, portion });
  const pending = later.length === 0 ? undefined : later;
  return { original, placeholder, variants: await putVariants(image, rendered, context), pending };
}

/** The variants that this portion leaves for later. */
function laterVariants(
  image: ClaimedImage,
  { original, variants }: RenderedImage,
  { presets, portion }: Pick<Settings, 'presets'> & { portion: Portion },
): VariantName[] {
  if (portion === 'all') return [];
  const type = inputTypeOf(original.contentType);
  return image.presets.flatMap((name) => {
    const preset = presets[name];
    if (preset === undefined) return [];
    const made = variants.filter((variant) => variant.preset === name);
    return laterOf(shareOf(name, preset, type, portion), preset, made).map((format) => ({
      preset: name,
      format,
    }));
  });
}
