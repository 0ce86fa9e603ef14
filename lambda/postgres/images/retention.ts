import type { EndStatus } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';
import { type DatedImage, oldestFirst, type Page, readPage } from './oldest-first.ts';

const ended = oldestFirst('updated_at', 'status = $5');
/** Images with this final status since more than `olderThanSeconds`. */
export function endedImages(
  connection: Connection,
  page: Page & { status: EndStatus; olderThanSeconds: number },
): Promise<DatedImage[]> {
  return readPage(connection, ended, page, page.olderThanSeconds, page.status);
}

/**
 * Removes rows of images that still have this status, with their variants, unless a worker completes one: its row stays,
 * so that the next sweep finds what that worker stored. @returns how many.
 */
export async function removeEnded(
  connection: Connection,
  imageIds: readonly string[],
  { status, olderThanSeconds }: { status: EndStatus; olderThanSeconds: number },
): Promise<number> {
  const { rowCount } = await connection.query(
    `delete from image
     where id = any($1::uuid[]) and status = $2 and updated_at < now() - make_interval(secs => $3)
       and not (pending is not null and coalesce(lease_expires_at > now(), false))`,
    [imageIds, status, olderThanSeconds],
  );
  return rowCount;
}
