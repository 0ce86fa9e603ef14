import type { Connection } from './connection.ts';

/** An image that the sweep has to see to. */
export interface Stray {
  imageId: string;
  tenant: string;
}

const stray = 'id as "imageId", tenant_id as tenant';

/** Images whose ticket ran out more than `graceSeconds` ago without an upload that we heard of, oldest first. */
export async function unusedTickets(
  connection: Connection,
  { graceSeconds, limit }: { graceSeconds: number; limit: number },
): Promise<Stray[]> {
  const { rows } = await connection.query<Stray>(
    `select ${stray} from image
     where status = 'awaiting_upload' and deleted_at is null
       and ticket_expires_at < now() - make_interval(secs => $1)
     order by ticket_expires_at limit $2`,
    [graceSeconds, limit],
  );
  return rows;
}

/** Ends unused tickets as `expired`. One that was uploaded or claimed meanwhile stays as it is. */
export async function markExpired(connection: Connection, imageIds: readonly string[]): Promise<number> {
  const { rowCount } = await connection.query(
    `update image set status = 'expired', updated_at = now()
     where id = any($1::uuid[]) and status = 'awaiting_upload'`,
    [imageIds],
  );
  return rowCount;
}

/** Queued images that were enqueued more than `olderThanSeconds` ago, oldest first: their message may be lost. */
export async function waitingLong(
  connection: Connection,
  { olderThanSeconds, limit }: { olderThanSeconds: number; limit: number },
): Promise<Stray[]> {
  const { rows } = await connection.query<Stray>(
    `select ${stray} from image
     where status = 'queued' and deleted_at is null
       and coalesce(enqueued_at, updated_at) < now() - make_interval(secs => $1)
     order by coalesce(enqueued_at, updated_at) limit $2`,
    [olderThanSeconds, limit],
  );
  return rows;
}

/**
 * Images whose lease ran out more than `graceSeconds` ago: their worker died. Each is found once a lease, and
 * again when it was enqueued more than `olderThanSeconds` ago, because its own message usually comes back first.
 */
export async function abandoned(
  connection: Connection,
  {
    graceSeconds,
    olderThanSeconds,
    limit,
  }: { graceSeconds: number; olderThanSeconds: number; limit: number },
): Promise<Stray[]> {
  const { rows } = await connection.query<Stray>(
    `select ${stray} from image
     where status = 'processing' and deleted_at is null
       and lease_expires_at < now() - make_interval(secs => $1)
       and (enqueued_at is null or enqueued_at < lease_expires_at
         or enqueued_at < now() - make_interval(secs => $2))
     order by lease_expires_at limit $3`,
    [graceSeconds, olderThanSeconds, limit],
  );
  return rows;
}

/**
 * Records that a message was sent for these images. An awaited one becomes `queued`; one in work keeps its
 * status and its lease, and one that is at its end is left alone.
 */
export async function markEnqueued(connection: Connection, imageIds: readonly string[]): Promise<void> {
  await connection.query(
    `update image set enqueued_at = now(), updated_at = now(),
       status = case status when 'awaiting_upload' then 'queued' else status end
     where id = any($1::uuid[]) and status in ('awaiting_upload', 'queued', 'processing')`,
    [imageIds],
  );
}

/**
 * Deleted images to which nothing can come back any more: no worker holds a lease and no ticket admits an upload,
 * both over for more than `graceSeconds`.
 */
export async function deletedImages(
  connection: Connection,
  { graceSeconds, limit }: { graceSeconds: number; limit: number },
): Promise<Stray[]> {
  const { rows } = await connection.query<Stray>(
    `select ${stray} from image
     where deleted_at is not null
       and (lease_expires_at is null or lease_expires_at < now() - make_interval(secs => $1))
       and ticket_expires_at < now() - make_interval(secs => $1)
     order by deleted_at limit $2`,
    [graceSeconds, limit],
  );
  return rows;
}

/** Removes the rows of deleted images, and of their variants with them. */
export async function removeImages(connection: Connection, imageIds: readonly string[]): Promise<number> {
  const { rowCount } = await connection.query(
    'delete from image where id = any($1::uuid[]) and deleted_at is not null',
    [imageIds],
  );
  return rowCount;
}

/** Forgets idempotency keys whose time is over, at most `limit` of them; answers how many. */
export async function removeExpiredKeys(
  connection: Connection,
  { limit }: { limit: number },
): Promise<number> {
  const { rowCount } = await connection.query(
    `delete from idempotency_key where ctid = any(array(
       select ctid from idempotency_key where expires_at < now() limit $1))`,
    [limit],
  );
  return rowCount;
}
