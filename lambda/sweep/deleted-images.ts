import * as deletion from '../postgres/images/deletion.ts';
import type { Dependencies } from './dependencies.ts';
import { paged } from './paging.ts';
import { removeObjects } from './remove-objects.ts';
import type { Duty } from './turns.ts';

/** Time after the last lease and the ticket in which an upload that began before may still finish. */
export const uploadGraceSeconds = 300;

/** Removes the objects of deleted images, then their rows: without its row an object would never be found again. */
export function deletedImages(dependencies: Dependencies): Duty {
  const { database } = dependencies;
  return paged(
    database,
    (connection, page) => deletion.deletedImages(connection, { ...page, graceSeconds: uploadGraceSeconds }),
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
