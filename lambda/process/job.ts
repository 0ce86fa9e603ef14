import { createHash } from 'node:crypto';
import { Rejection, TransientFailure } from '../domain/failure.ts';
import { checkFileSize } from '../domain/file-size.ts';
import { creationYear, incomingKey, type Variant } from '../domain/image.ts';
import type { Decoded } from '../imaging/decoded.ts';
import type { ClaimedImage } from '../postgres/claim.ts';
import type { JobResult } from '../postgres/commit.ts';
import type { Surroundings } from './dependencies.ts';
import { recipeDigest, variantKey } from './variant-key.ts';
import type { Verdict } from './verdict.ts';

/** What a job came to, and what its messages are told once that is recorded. */
export interface Outcome {
  result: JobResult;
  verdict: Verdict;
}

/**
 * Works on one claimed image: fetch, check, decode, put. Never throws; an error becomes the result that it means.
 */
export async function runJob(image: ClaimedImage, surroundings: Surroundings): Promise<Outcome> {
  const { imageId, tenant, attempt } = image;
  const { log } = surroundings;
  const about = { imageId, tenant, attempt };
  if (!surroundings.deadline.mayStart()) {
    log.info('Not started: the invocation ends soon', about);
    return { result: { imageId, attempt, outcome: 'released', counted: false }, verdict: 'soon' };
  }
  const started = performance.now();
  try {
    const { original, placeholder, variants } = await make(image, surroundings);
    const milliseconds = Math.round(performance.now() - started);
    log.info('Processed', { ...about, milliseconds, bytes: original.bytes, variants: variants.length });
    return {
      result: { imageId, attempt, outcome: 'ready', original, placeholder, variants },
      verdict: 'done',
    };
  } catch (error) {
    if (error instanceof Rejection) {
      log.info('Rejected', { ...about, code: error.code, cause: error.cause });
      const { code, detail } = error;
      return { result: { imageId, attempt, outcome: 'rejected', code, detail }, verdict: 'done' };
    }
    const tookItsTime = performance.now() - started >= surroundings.settings.limits.decodeTimeoutMs;
    const counted = isCounted(error, tookItsTime);
    log[counted ? 'error' : 'warn']('Not processed, to be tried again', { ...about, counted, error });
    return { result: { imageId, attempt, outcome: 'released', counted }, verdict: 'again' };
  }
}

/**
 * Outages do not count against the image. Running out of time does where a whole decode's time went by: the image
 * may be one that hangs decoders, and alone with a whole invocation it will show.
 */
function isCounted(error: unknown, tookItsTime: boolean): boolean {
  if (!(error instanceof TransientFailure)) return true;
  return error.code === 'out_of_time' ? tookItsTime : !error.outage;
}

async function make(
  image: ClaimedImage,
  surroundings: Surroundings,
): Promise<Pick<Decoded, 'original' | 'placeholder'> & { variants: Variant[] }> {
  const { lane, settings, deadline } = surroundings;
  const unknown = image.presets.filter((name) => settings.presets[name] === undefined);
  if (unknown.length > 0)
    throw new TransientFailure('internal', `this deployment has no preset ${unknown.join(', ')}`);
  const bytes = await fetchOriginal(image, surroundings);
  const decoded = await lane.decode(
    { bytes, presetNames: image.presets, tenant: image.tenant, year: creationYear(image.imageId) },
    { timeoutMs: deadline.forWork() },
  );
  const { original, placeholder } = decoded;
  return { original, placeholder, variants: await putVariants(image, decoded, surroundings) };
}

async function fetchOriginal(image: ClaimedImage, { bucket, settings }: Surroundings): Promise<Buffer> {
  const key = incomingKey(image.tenant, image.imageId);
  const { maxBytes } = settings.limits;
  const head = await bucket.headOriginal(key);
  if (head === undefined) throw new TransientFailure('internal', 'the original is not there');
  checkFileSize(head.bytes, maxBytes);
  const bytes = await bucket.getOriginal({ key }, maxBytes);
  if (
    image.declaredSha256 !== null &&
    image.declaredSha256 !== createHash('sha256').update(bytes).digest('hex')
  )
    throw new Rejection('checksum_mismatch', 'The file does not have the SHA-256 that was declared for it.');
  return bytes;
}

async function putVariants(
  image: ClaimedImage,
  decoded: Decoded,
  { bucket, settings, puts }: Surroundings,
): Promise<Variant[]> {
  return Promise.all(
    decoded.variants.map(({ bytes, ...variant }) => {
      const preset = settings.presets[variant.preset];
      if (preset === undefined) throw new Error(`the decoder made a variant of an unknown preset`);
      const recipe = recipeDigest(preset, settings.watermarks);
      const key = variantKey(image, { ...variant, recipe });
      const { contentType, sha256 } = variant;
      return puts(async () => {
        await bucket.putVariant({ key, bytes, contentType, sha256 });
        return { ...variant, bytes: bytes.byteLength, key };
      });
    }),
  );
}
