import * as deletion from '../postgres/images/deletion.ts';
import type { Dependencies } from './dependencies.ts';
import { inOrder } from './in-order.ts';
import { removeObjects } from './remove-objects.ts';
import type { Duty } from './turns.ts';

/** Beyond the end of the last lease and the ticket: an upload that began in time may take this long. */
const graceSeconds = 300;

/**
 * Takes the objects of deleted images and then their rows, once nothing can bring objects back. The row goes last,
 * and only where its objects are gone: it is the only record that there is something to delete.
 */
export function deletedImages(dependencies: Dependencies): Duty {
  const { database } = dependencies;
  return inOrder(
    database,
    (connection, page) => deletion.deletedImages(connection, { ...page, graceSeconds }),
    async (images, { work, record }) => {
      if (images.length === 0) return { removed: 0, kept: 0 };
      const gone = await removeObjects(images, dependencies, work);
      const removed = await database.run((connection) => deletion.removeDeleted(connection, gone), {
        signal: record,
      });
      return { removed, kept: images.length - gone.length };
    },
  );
}
