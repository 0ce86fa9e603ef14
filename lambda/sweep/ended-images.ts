import type { EndStatus } from '../domain/image.ts';
import * as retained from '../postgres/images/retention.ts';
import type { Dependencies } from './dependencies.ts';
import { inSequence, paged } from './paging.ts';
import { removeObjects } from './remove-objects.ts';
import type { Duty } from './turns.ts';

const daySeconds = 86_400;

/** Deletes objects, then rows, of images past `retention`: at least a day, after any ticket (12 hours) or lease. */
export function endedImages(dependencies: Dependencies): Duty {
  const { database, retention } = dependencies;
  const days: [EndStatus, number | undefined][] = [
    ['expired', retention.expiredDays],
    ['superseded', retention.supersededDays],
    ['rejected', retention.rejectedDays],
    ['failed', retention.failedDays],
    ['ready', retention.readyDays],
  ];
  return inSequence(
    days.flatMap(([status, kept]) => {
      if (kept === undefined) return [];
      const what = { status, olderThanSeconds: kept * daySeconds };
      return [
        paged(
          database,
          (connection, page) => retained.endedImages(connection, { ...page, ...what }),
          async (images, { work, record }) => {
            if (images.length === 0) return {};
            const gone = await removeObjects(images, dependencies, work);
            const removed = await database.run((connection) => retained.removeEnded(connection, gone, what), {
              signal: record,
            });
            return { [status]: removed };
          },
        ),
      ];
    }),
  );
}
