import { Rejection, TransientFailure } from '../domain/failure.ts';
import { creationYear, type Variant } from '../domain/image.ts';
import type { RenderedImage } from '../imaging/rendered-image.ts';
import type { ClaimedImage } from '../postgres/images/claim.ts';
import { untilAborted } from '../runtime/deadline.ts';
import type { Held } from './claim-batch.ts';
import type { Surroundings } from './dependencies.ts';
import { DecodeCutOff, judge, PresetGone } from './failures.ts';
import { fetchOriginal, type Uploads } from './original.ts';
import type { Outcome } from './outcome.ts';
import { recipeDigest, variantKey } from './variant-key.ts';

/** A claimed image for which no time was left. */
export function notStarted({ imageId, tenant, attempt }: ClaimedImage, { log }: Surroundings): Outcome {
  log.info('Not started: the invocation ends soon', { imageId, tenant, attempt });
  return { result: { imageId, attempt, outcome: 'released', counted: false }, verdict: 'soon' };
}

/**
 * Works on one claimed image: fetch, check, decode, put. Never throws, and ends with the time for work; an error
 * becomes the result that it means.
 */
export async function runJob(held: Held, surroundings: Surroundings): Promise<Outcome> {
  const { image } = held;
  const { log } = surroundings;
  if (!surroundings.deadline.mayStart()) return notStarted(image, surroundings);
  const { imageId, tenant, attempt } = image;
  const about = { imageId, tenant, attempt };
  const uploads: Uploads = {};
  const started = performance.now();
  const outcome = await make(image, uploads, surroundings).then(
    ({ original, placeholder, variants }): Outcome => {
      const milliseconds = Math.round(performance.now() - started);
      log.info('Processed', { ...about, milliseconds, bytes: original.bytes, variants: variants.length });
      const result = { imageId, attempt, outcome: 'ready' as const, original, placeholder, variants };
      return { result, verdict: 'ready' };
    },
    (error: unknown): Outcome => {
      if (!(error instanceof Rejection)) return judge(error, held, surroundings);
      log.info('Rejected', { ...about, code: error.code, cause: error.cause });
      const { code, detail } = error;
      return { result: { imageId, attempt, outcome: 'rejected', code, detail }, verdict: 'done' };
    },
  );
  return { ...outcome, result: { ...outcome.result, ...uploads } };
}

async function make(
  image: ClaimedImage,
  uploads: Uploads,
  surroundings: Surroundings,
): Promise<Pick<RenderedImage, 'original' | 'placeholder'> & { variants: Variant[] }> {
  const { settings } = surroundings;
  const gone = image.presets.filter((name) => settings.presets[name] === undefined);
  if (gone.length > 0) throw new PresetGone(gone);
  const bytes = await fetchOriginal(image, uploads, surroundings);
  const decoded = await decode(image, bytes, surroundings);
  const { original, placeholder } = decoded;
  return { original, placeholder, variants: await putVariants(image, decoded, surroundings) };
}

async function decode(
  image: ClaimedImage,
  bytes: Buffer,
  { lane, deadline }: Surroundings,
): Promise<RenderedImage> {
  const started = performance.now();
  const order = {
    bytes,
    presetNames: image.presets,
    tenant: image.tenant,
    year: creationYear(image.imageId),
  };
  const decoding = lane.decode(order, { timeoutMs: deadline.forWork() });
  try {
    // The lane keeps the time by itself; a lane that does not must not keep the batch.
    return await untilAborted(decoding, deadline.work);
  } catch (error) {
    const cutOff =
      deadline.work.aborted || (error instanceof TransientFailure && error.code === 'decode_cut_off');
    throw cutOff ? new DecodeCutOff(performance.now() - started, { cause: error }) : error;
  }
}

async function putVariants(
  image: ClaimedImage,
  decoded: RenderedImage,
  { bucket, settings, puts, deadline }: Surroundings,
): Promise<Variant[]> {
  return Promise.all(
    decoded.variants.map(({ bytes, ...variant }) => {
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
