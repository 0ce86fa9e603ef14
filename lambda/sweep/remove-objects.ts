import { derivedPrefix, incomingKey } from '../domain/image.ts';
import type { Stray } from '../postgres/sweeping.ts';
import type { Dependencies } from './dependencies.ts';
import { eachObject } from './each-object.ts';

/** Removes the originals and variants of these images, all versions; answers the ids of those that have none left. */
export async function removeObjects(
  images: readonly Stray[],
  { bucket, log }: Dependencies,
  signal: AbortSignal,
): Promise<string[]> {
  const { answers } = await eachObject(
    images,
    async ({ imageId, tenant }) => {
      await bucket.deleteOriginal(incomingKey(tenant, imageId), signal);
      await bucket.deletePrefix(derivedPrefix(tenant, imageId), signal);
    },
    log,
  );
  return answers.map(({ item }) => item.imageId);
}
