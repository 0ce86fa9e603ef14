import pLimit from 'p-limit';
import { derivedPrefix, incomingKey } from '../domain/image.ts';
import { deletedImages, removeImages } from '../postgres/sweeping.ts';
import { atMost, type Dependencies, storageCalls } from './dependencies.ts';

/** Beyond the end of the last lease and the ticket: an upload that began in time may take this long. */
const graceSeconds = 300;

/**
 * Takes the objects of deleted images and then their rows, once nothing can bring objects back. The row goes last,
 * and only where its objects are gone: it is the only record that there is something to delete.
 */
export async function sweepDeletedImages({
  database,
  bucket,
  log,
}: Dependencies): Promise<{ removed: number; kept: number }> {
  const images = await database.run((connection) =>
    deletedImages(connection, { graceSeconds, limit: atMost }),
  );
  const emptied = await pLimit(storageCalls).map(images, async ({ imageId, tenant }) => {
    try {
      await bucket.deleteOriginal(incomingKey(tenant, imageId));
      await bucket.deletePrefix(derivedPrefix(tenant, imageId));
      return [imageId];
    } catch (error) {
      log.warn('The objects of a deleted image are still there', { imageId, tenant, error });
      return [];
    }
  });
  const gone = emptied.flat();
  const removed = gone.length === 0 ? 0 : await database.run((connection) => removeImages(connection, gone));
  return { removed, kept: images.length - gone.length };
}
