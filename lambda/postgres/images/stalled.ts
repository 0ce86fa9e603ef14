import type { Connection } from '../connection/connection.ts';
import { oldestFirst, type Page, readPage } from './oldest-first.ts';

const unused = oldestFirst('ticket_expires_at', "status = 'awaiting_upload' and deleted_at is null");
/** Images without a recorded upload whose ticket expired more than `graceSeconds` ago. */
export function unusedTickets(connection: Connection, page: Page & { graceSeconds: number }) {
  return readPage(connection, unused, page, page.graceSeconds);
}

const waiting = oldestFirst('coalesce(enqueued_at, updated_at)', "status = 'queued' and deleted_at is null");
/** Queued images whose message was sent more than `olderThanSeconds` ago and may be lost. */
export function waitingLong(connection: Connection, page: Page & { olderThanSeconds: number }) {
  return readPage(connection, waiting, page, page.olderThanSeconds);
}

const leased = (again: boolean) =>
  oldestFirst(
    'greatest(lease_expires_at, enqueued_at)',
    `status = 'processing' and deleted_at is null and coalesce(enqueued_at >= lease_expires_at, false) = ${again}`,
  );
const died = leased(false);
const diedAgain = leased(true);
/** Images whose lease expired more than `olderThanSeconds` ago; with `again`, those enqueued since, that long ago. */
export function abandoned(connection: Connection, page: Page & { olderThanSeconds: number; again: boolean }) {
  return readPage(connection, page.again ? diedAgain : died, page, page.olderThanSeconds);
}

/** Ends unused tickets as `expired`, unless uploaded or claimed meanwhile. @returns how many. */
export async function markExpired(connection: Connection, imageIds: readonly string[]): Promise<number> {
  const { rowCount } = await connection.query(
    `update image set status = 'expired', updated_at = now()
     where id = any($1::uuid[]) and status = 'awaiting_upload' and deleted_at is null`,
    [imageIds],
  );
  return rowCount;
}

/**
 * Records that these images have a message. An awaited one becomes `queued`; one in progress keeps status and lease; one
 * with a final status is unchanged.
 */
export async function markEnqueued(connection: Connection, imageIds: readonly string[]): Promise<void> {
  await connection.query(
    `update image set enqueued_at = now(), updated_at = now(),
       status = case status when 'awaiting_upload' then 'queued' else status end
     where id = any($1::uuid[]) and status in ('awaiting_upload', 'queued', 'processing') and deleted_at is null`,
    [imageIds],
  );
}
