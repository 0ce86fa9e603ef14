import type { ImageStatus } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';

/** A whole response, as version 0.1 stored it. Such rows expire after `retention.idempotencySeconds`. */
export interface WholeAnswer {
  body: string;
  location: string;
}

/** The current image of a repeated request, with the terms of its ticket. */
export interface RepeatedImage {
  id: string;
  status: ImageStatus;
  contentType: string;
  bytes: number;
  sha256: string | null;
  ticketExpiresAt: Date;
  /** Remaining seconds of the ticket by the database's clock; 0 if expired. */
  ticketSeconds: number;
}

/** An Idempotency-Key in use. Without a status its request is running, or died. */
export interface HeldKey {
  requestSha256: Buffer;
  /** Status of the response, which gives its kind (`keptAnswers`). */
  status: number | null;
  /** `KeptTicket[]` for several tickets. */
  whole: WholeAnswer | null;
  /** Seconds until the key of a dead request can be taken over. */
  lockedForSeconds: number;
  /** Undefined if the image was deleted. */
  image: RepeatedImage | undefined;
}

type HeldRow = Omit<HeldKey, 'image' | 'status'> &
  Omit<RepeatedImage, 'id'> & { id: string | null; keptStatus: number | null };

const heldKeyStatement = {
  name: 'held key',
  text: `select held.request_sha256 as "requestSha256", held.status as "keptStatus", held.response as whole,
       greatest(0, ceil(extract(epoch from held.locked_until - now())))::int as "lockedForSeconds",
       image.id, image.status, image.declared_type as "contentType", image.declared_bytes as bytes,
       image.declared_sha256 as sha256, image.ticket_expires_at as "ticketExpiresAt",
       greatest(0, floor(extract(epoch from image.ticket_expires_at - now())))::int as "ticketSeconds"
     from idempotency_key held
       left join image on image.id = held.image_id and image.tenant_id = held.tenant_id and image.deleted_at is null
     where held.tenant_id = $1 and held.key = $2 and held.expires_at > now()`,
};

/** Reads a key of a tenant with its image; undefined if it is free or expired. */
export async function readHeldKey(
  connection: Connection,
  tenant: string,
  key: string,
): Promise<HeldKey | undefined> {
  const { rows } = await connection.query<HeldRow>(heldKeyStatement, [tenant, key]);
  const row = rows[0];
  if (row === undefined) return undefined;
  const { requestSha256, keptStatus, whole, lockedForSeconds, id, ...image } = row;
  return {
    requestSha256,
    status: keptStatus,
    whole,
    lockedForSeconds,
    image: id === null ? undefined : { id, ...image },
  };
}
