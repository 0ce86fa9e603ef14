import * as statements from '../postgres/images/cleared.ts';
import { uploadGraceSeconds } from './deleted-images.ts';
import type { Dependencies } from './dependencies.ts';
import { paged } from './paging.ts';
import { removeObjects } from './remove-objects.ts';
import type { Duty } from './turns.ts';

/** Removes the objects of superseded images at once. Their rows stay for `retention`, so that clients can read the end. */
export function supersededImages(dependencies: Dependencies): Duty {
  const { database } = dependencies;
  return paged(
    database,
    (connection, page) =>
      statements.unclearedImages(connection, { ...page, graceSeconds: uploadGraceSeconds }),
    async (images, { work, record }) => {
      if (images.length === 0) return { cleared: 0, kept: 0 };
      const gone = await removeObjects(images, dependencies, work);
      const cleared = await database.run((connection) => statements.markCleared(connection, gone), {
        signal: record,
      });
      return { cleared, kept: images.length - gone.length };
    },
  );
}
