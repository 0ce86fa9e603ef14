import { Rejection, TransientFailure } from '../domain/failure.ts';
import { creationYear, type Variant } from '../domain/image.ts';
import type { RenderedImage } from '../imaging/rendered-image.ts';
import type { ClaimedImage } from '../postgres/images/claim.ts';
import type { JobResult } from '../postgres/images/commit.ts';
import { untilAborted } from '../runtime/deadline.ts';
import type { BatchContext } from './dependencies.ts';
import { DecodeCutOff, judge, PresetGone } from './failures.ts';
import { newerArrived } from './newer.ts';
import { fetchOriginal } from './original.ts';
import type { Outcome } from './recorder.ts';
import { recipeDigest, variantKey } from './variant-key.ts';

/** Outcome of a claimed image for which no time was left. */
export function notStarted({ imageId, tenant, attempt }: ClaimedImage, { log }: BatchContext): Outcome {
  log.info('Not started: the invocation ends soon', { imageId, tenant, attempt });
  return { imageId, attempt, outcome: 'released', counted: false, back: 'soon' };
}

/**
 * Works on one claimed image, unless a newer one of its name has arrived: fetch, check, decode, put. Never throws, and ends with the time for work; an error
 * becomes an outcome.
 */
export async function runJob(image: ClaimedImage, context: BatchContext): Promise<Outcome> {
  const { log, deadline } = context;
  if (!deadline.mayStart()) return notStarted(image, context);
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
      const { original, placeholder, variants } = made;
      const milliseconds = Math.round(performance.now() - started);
      log.info('Processed', { ...about, milliseconds, bytes: original.bytes, variants: variants.length });
      return { imageId, attempt, outcome: 'ready', original, placeholder, variants };
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

async function make(
  image: ClaimedImage,
  found: Pick<JobResult, 'uploads'>,
  context: BatchContext,
): Promise<
  (Pick<RenderedImage, 'original' | 'placeholder'> & { variants: Variant[] }) | { supersededBy: string }
> {
  const supersededBy = await newerArrived(image, context);
  if (supersededBy !== undefined) return { supersededBy };
  const { presets } = context.settings;
  const gone = image.presets.filter((name) => presets[name] === undefined);
  if (gone.length > 0) throw new PresetGone(gone);
  const bytes = await fetchOriginal(image, found, context);
  const rendered = await decode(image, bytes, context);
  const { original, placeholder } = rendered;
  return { original, placeholder, variants: await putVariants(image, rendered, context) };
}

async function decode(
  { imageId, tenant, presets: presetNames }: ClaimedImage,
  bytes: Buffer,
  { lane, deadline }: BatchContext,
): Promise<RenderedImage> {
  const started = performance.now();
  const request = { bytes, presetNames, tenant, year: creationYear(imageId) };
  const decoding = lane.decode(request, { timeoutMs: deadline.forWork() });
  try {
    // The lane ends in time by itself; if it does not, the batch must end all the same.
    return await untilAborted(decoding, deadline.work);
  } catch (error) {
    const cutOff =
      deadline.work.aborted || (error instanceof TransientFailure && error.code === 'decode_cut_off');
    throw cutOff ? new DecodeCutOff(performance.now() - started, { cause: error }) : error;
  }
}

async function putVariants(
  image: ClaimedImage,
  rendered: RenderedImage,
  { bucket, settings, puts, deadline }: BatchContext,
): Promise<Variant[]> {
  return Promise.all(
    rendered.variants.map(({ bytes, ...variant }) => {
      const preset = settings.presets[variant.preset];
      if (preset === undefined) throw new Error(`the decoder made a variant of an unknown preset`);
      const recipe = recipeDigest(preset, settings.watermarks);
      const key = variantKey(image, { ...variant, recipe });
      const { contentType, sha256 } = variant;
      return puts(async () => {
        await bucket.putVariant({ key, bytes, contentType, sha256 }, deadline.work);
        return { ...variant, bytes: bytes.byteLength, key };
      });
    }),
  );
}
