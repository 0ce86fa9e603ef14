import { type EndStatus, statusesBefore } from '../../domain/transitions.ts';
import type { Connection } from '../connection/connection.ts';
import { statusIn } from './status-in.ts';

/** An image that the sweep has to see to. */
export interface Stray {
  imageId: string;
  tenant: string;
  /** The time that its question goes by, as Postgres writes it: with microseconds, which a Date would lose. */
  at: string;
}

/**
 * Which images a question is about: at most `limit`, oldest first, behind the last of an earlier answer. Behind it and
 * not from the front, so that what cannot be seen to now does not stand before what can.
 */
export interface Bite {
  limit: number;
  after?: Pick<Stray, 'at' | 'imageId'> | undefined;
}

/** A question in the order of an index: `at` is its expression, and of the rows it takes those before a time. */
function stray(at: string, condition: string): string {
  return `select id as "imageId", tenant_id as tenant, (${at})::text as at from image
    where ${condition} and (${at}, id) > ($2::timestamptz, $3::uuid)
      and ${at} < now() - make_interval(secs => $4)
    order by ${at}, id limit $1`;
}

async function ask(
  connection: Connection,
  statement: string,
  { limit, after }: Bite,
  olderThanSeconds: number,
  ...more: unknown[]
): Promise<Stray[]> {
  const { rows } = await connection.query<Stray>(statement, [
    limit,
    after?.at ?? '-infinity',
    after?.imageId ?? '00000000-0000-0000-0000-000000000000',
    olderThanSeconds,
    ...more,
  ]);
  return rows;
}

const unused = stray('ticket_expires_at', "status = 'awaiting_upload' and deleted_at is null");
/** Images whose ticket ran out more than `graceSeconds` ago without an upload that we heard of. */
export function unusedTickets(connection: Connection, bite: Bite & { graceSeconds: number }) {
  return ask(connection, unused, bite, bite.graceSeconds);
}

const waiting = stray('coalesce(enqueued_at, updated_at)', "status = 'queued' and deleted_at is null");
/** Queued images that were enqueued more than `olderThanSeconds` ago: their message may be lost. */
export function waitingLong(connection: Connection, bite: Bite & { olderThanSeconds: number }) {
  return ask(connection, waiting, bite, bite.olderThanSeconds);
}

const leased = (again: boolean) =>
  stray(
    'greatest(lease_expires_at, enqueued_at)',
    `status = 'processing' and deleted_at is null and coalesce(enqueued_at >= lease_expires_at, false) = ${again}`,
  );
const died = leased(false);
const diedAgain = leased(true);
/**
 * Images whose worker died: whose lease ran out more than `olderThanSeconds` ago and that were not enqueued since; or
 * with `again` those that were, more than `olderThanSeconds` ago.
 */
export function abandoned(connection: Connection, bite: Bite & { olderThanSeconds: number; again: boolean }) {
  return ask(connection, bite.again ? diedAgain : died, bite, bite.olderThanSeconds);
}

const removable = stray('greatest(ticket_expires_at, lease_expires_at)', 'deleted_at is not null');
/**
 * Deleted images to which nothing can come back any more: no worker holds a lease and no ticket admits an upload,
 * both over for more than `graceSeconds`.
 */
export function deletedImages(connection: Connection, bite: Bite & { graceSeconds: number }) {
  return ask(connection, removable, bite, bite.graceSeconds);
}

const ended = stray('updated_at', 'status = $5');
/** Images that came to this end more than `olderThanSeconds` ago. */
export function endedImages(
  connection: Connection,
  bite: Bite & { status: EndStatus; olderThanSeconds: number },
): Promise<Stray[]> {
  return ask(connection, ended, bite, bite.olderThanSeconds, bite.status);
}

/** Ends unused tickets as `expired`. One that was uploaded or claimed meanwhile stays as it is. */
export async function markExpired(connection: Connection, imageIds: readonly string[]): Promise<number> {
  const { rowCount } = await connection.query(
    `update image set status = 'expired', updated_at = now()
     where id = any($1::uuid[]) and status = 'awaiting_upload' and deleted_at is null`,
    [imageIds],
  );
  return rowCount;
}

/**
 * Records that a message was sent for these images, or is on its way. An awaited one becomes `queued`; one in work
 * keeps its status and its lease, and one that is at its end is left alone.
 */
export async function markEnqueued(connection: Connection, imageIds: readonly string[]): Promise<void> {
  await connection.query(
    `update image set enqueued_at = now(), updated_at = now(),
       status = case status when 'awaiting_upload' then 'queued' else status end
     where id = any($1::uuid[]) and status ${statusIn(statusesBefore('markEnqueued'))} and deleted_at is null`,
    [imageIds],
  );
}

/** Removes the rows of deleted images, and of their variants with them. Answers how many. */
export async function removeDeleted(connection: Connection, imageIds: readonly string[]): Promise<number> {
  const { rowCount } = await connection.query(
    'delete from image where id = any($1::uuid[]) and deleted_at is not null',
    [imageIds],
  );
  return rowCount;
}

/** Removes the rows of images that are still at this end, and of their variants with them. Answers how many. */
export async function removeEnded(
  connection: Connection,
  imageIds: readonly string[],
  { status, olderThanSeconds }: { status: EndStatus; olderThanSeconds: number },
): Promise<number> {
  const { rowCount } = await connection.query(
    `delete from image
     where id = any($1::uuid[]) and status = $2 and updated_at < now() - make_interval(secs => $3)`,
    [imageIds, status, olderThanSeconds],
  );
  return rowCount;
}

/** Forgets idempotency keys whose time is over, the oldest first, at most `limit` of them; answers how many. */
export async function removeExpiredKeys(
  connection: Connection,
  { limit }: { limit: number },
): Promise<number> {
  const { rowCount } = await connection.query(
    `delete from idempotency_key where ctid = any(array(
       select ctid from idempotency_key where expires_at < now() order by expires_at limit $1))`,
    [limit],
  );
  return rowCount;
}

/** A version of an original that came after the first by the same ticket. */
export interface ExtraUpload {
  imageId: string;
  tenant: string;
  version: string;
}

/** Extra uploads that are to be taken from the bucket, in the order of their images, behind the last of an earlier answer. */
export async function extraUploads(
  connection: Connection,
  { limit, after }: { limit: number; after?: ExtraUpload | undefined },
): Promise<ExtraUpload[]> {
  const { rows } = await connection.query<ExtraUpload>(
    // A join would be merged with the images in the order of their ids, all that lie between two included.
    `select image_id as "imageId", (select tenant_id from image where id = image_id) as tenant, version_id as version
     from extra_upload where (image_id, version_id) > ($2::uuid, $3::text)
     order by image_id, version_id limit $1`,
    [limit, after?.imageId ?? '00000000-0000-0000-0000-000000000000', after?.version ?? ''],
  );
  return rows;
}

/** Forgets extra uploads that are gone from the bucket. Answers how many. */
export async function removeExtraUploads(
  connection: Connection,
  uploads: readonly ExtraUpload[],
): Promise<number> {
  const { rowCount } = await connection.query(
    `delete from extra_upload using unnest($1::uuid[], $2::text[]) as gone (image_id, version_id)
     where extra_upload.image_id = gone.image_id and extra_upload.version_id = gone.version_id`,
    [uploads.map(({ imageId }) => imageId), uploads.map(({ version }) => version)],
  );
  return rowCount;
}
