import type { ImageStatus } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';

/** An answer in the form in which version 0.1 kept it: whole. Such rows are gone `retention.idempotencySeconds` later. */
export interface WholeAnswer {
  body: string;
  location: string;
}

/** The image of a repeated request as it is now, with what its ticket promised. */
export interface RepeatedImage {
  id: string;
  status: ImageStatus;
  contentType: string;
  bytes: number;
  sha256: string | null;
  ticketExpiresAt: Date;
  /** Seconds that the ticket has left by the database's clock; 0 where its time is over. */
  ticketSeconds: number;
}

/** What is known of an Idempotency-Key that is in use. Without a status its request runs, or died while running. */
export interface HeldKey {
  requestSha256: Buffer;
  /** Of the answer, which says its kind (`keptAnswers`). */
  status: number | null;
  whole: WholeAnswer | null;
  /** Seconds until a request that died while it held the key is given up. */
  lockedForSeconds: number;
  /** Undefined where the image was deleted. */
  image: RepeatedImage | undefined;
}

type HeldRow = Omit<HeldKey, 'image' | 'status'> &
  Omit<RepeatedImage, 'id'> & { id: string | null; keptStatus: number | null };

/** Reads a key of a tenant with its image; undefined where it is free or its time is over. */
export async function readHeldKey(
  connection: Connection,
  tenant: string,
  key: string,
): Promise<HeldKey | undefined> {
  const { rows } = await connection.query<HeldRow>(
    `select held.request_sha256 as "requestSha256", held.status as "keptStatus", held.response as whole,
       greatest(0, ceil(extract(epoch from held.locked_until - now())))::int as "lockedForSeconds",
       image.id, image.status, image.declared_type as "contentType", image.declared_bytes as bytes,
       image.declared_sha256 as sha256, image.ticket_expires_at as "ticketExpiresAt",
       greatest(0, floor(extract(epoch from image.ticket_expires_at - now())))::int as "ticketSeconds"
     from idempotency_key held
       left join image on image.id = held.image_id and image.tenant_id = held.tenant_id and image.deleted_at is null
     where held.tenant_id = $1 and held.key = $2 and held.expires_at > now()`,
    [tenant, key],
  );
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
