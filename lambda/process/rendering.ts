import { TransientFailure } from '../domain/failure.ts';
import { creationYear, type Variant } from '../domain/image.ts';
import type { Portion } from '../domain/portion.ts';
import type { RenderedImage } from '../imaging/rendered-image.ts';
import type { ClaimedImage } from '../postgres/images/claim.ts';
import { untilAborted } from '../runtime/deadline.ts';
import type { BatchContext } from './dependencies.ts';
import { DecodeCutOff } from './failures.ts';
import { recipeDigest, variantKey } from './variant-key.ts';

/** Decodes an original and makes a portion of its variants in the sandbox. @throws DecodeCutOff, Rejection, TransientFailure */
export async function decode(
  { imageId, tenant, presets: presetNames }: Pick<ClaimedImage, 'imageId' | 'tenant' | 'presets'>,
  { bytes, portion }: { bytes: Buffer; portion: Portion },
  { lane, deadline }: BatchContext,
): Promise<RenderedImage> {
  const started = performance.now();
  const request = { bytes, presetNames, portion, tenant, year: creationYear(imageId) };
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

/** Stores the variants. An object that exists is the same variant. @throws TransientFailure `storage_unavailable` */
export async function putVariants(
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
