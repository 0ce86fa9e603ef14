import type { ImageEvent } from '../../domain/event.ts';
import type { ImageRef } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';
import { type EventRow, eventColumns, eventOf } from './event-row.ts';

const eventsStatement = {
  name: 'events of image',
  text: `select ${eventColumns} from image_event
     where image_id = $1 and tenant_id = $2 and sequence > $3 order by sequence limit $4`,
};

/** Events of a tenant's image after a sequence number, in order; also of a deleted image, as long as they are kept. */
export async function eventsOfImage(
  connection: Connection,
  { imageId, tenant }: ImageRef,
  { after, limit }: { after: number; limit: number },
): Promise<ImageEvent[]> {
  const { rows } = await connection.query<EventRow>(eventsStatement, [imageId, tenant, after, limit]);
  return rows.map(eventOf);
}
