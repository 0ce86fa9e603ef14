import { derivedPrefix, type ImageRef, incomingKey } from '../domain/image.ts';
import type { Dependencies } from './dependencies.ts';
import { inGroups } from './in-groups.ts';

/** Deletes all versions of originals and variants. Returns the ids of images without any left; throws if none is. */
export async function removeObjects(
  images: readonly ImageRef[],
  { bucket, log }: Dependencies,
  signal: AbortSignal,
): Promise<string[]> {
  const errors: unknown[] = [];
  const groups = await inGroups(images, async (group) => {
    const placed = group.map((image) => ({
      imageId: image.imageId,
      original: incomingKey(image),
      variants: derivedPrefix(image),
    }));
    const originals = await bucket.deleteAt(
      placed.map(({ original }) => original),
      signal,
    );
    const variants = await bucket.deleteAt(
      placed.map((one) => one.variants),
      signal,
    );
    errors.push(...[originals.error, variants.error].filter((error) => error !== undefined));
    return placed.filter((one) => originals.empty.has(one.original) && variants.empty.has(one.variants));
  });
  const gone = groups.flat().map(({ imageId }) => imageId);
  const [error] = errors;
  if (gone.length === 0 && error !== undefined) throw error;
  if (error !== undefined)
    log.warn('Objects are still there', { images: images.length - gone.length, of: images.length, error });
  return gone;
}
