import type { Amounts } from '../../domain/resources.ts';
import type { Connection } from '../connection/connection.ts';

/** A new image as declared: sha256 in hex, lifetime of the ticket in seconds. */
export interface NewImage {
  id: string;
  tenant: string;
  contentType: string;
  bytes: number;
  sha256?: string | undefined;
  presets: readonly string[];
  metadata: Record<string, string>;
  /** What the image stands for. */
  replaces?: string | undefined;
  ticketSeconds: number;
  /** Expected cost relative to an ordinary photograph, between 0.001 and 100,000. Default: 1. */
  work?: number;
  /** What its tenant's quotas were charged, and the day in UTC. */
  charge?: ({ day: string } & Amounts) | undefined;
}

/** The stored status of a repeatable response (I3), which gives its kind. The rest is rebuilt from the image's row. */
export const keptAnswers = { ticket: 201, direct: 202 } as const;

/** The Idempotency-Key of a request. `answered` if the request needs only its rows. */
export interface KeyClaim {
  key: string;
  requestSha256: Buffer;
  answered?: (typeof keptAnswers)[keyof typeof keptAnswers];
  /** Without a response: seconds until another request may take the key over. */
  lockSeconds: number;
  keepSeconds: number;
}

/**
 * - `inserted`: the row exists; after takeover of a dead request it has the earlier id;
 * - `key_taken`: the key's request is running or answered, nothing written.
 */
export type TicketOutcome =
  | { outcome: 'inserted'; imageId: string; ticketExpiresAt: Date }
  | { outcome: 'key_taken' };

/*
 * Key, row and response in one round trip. An expired key, or one whose request died (its lock expired without a
 * response), is taken over. A dead request's image id is kept, so that row and object are not made twice (I2), unless that
 * image was deleted.
 */
const insertStatement = {
  name: 'insert ticket',
  text: `
  with claimed as (
    insert into idempotency_key as held
      (tenant_id, key, request_sha256, image_id, status, locked_until, expires_at)
    select $1, $2, $3, $4, $5, now() + make_interval(secs => $6), now() + make_interval(secs => $7)
    where $2::text is not null
    on conflict (tenant_id, key) do update set
      request_sha256 = excluded.request_sha256,
      image_id = case
        when held.expires_at > now()
          and exists (select from image where id = held.image_id and deleted_at is null) then held.image_id
        else excluded.image_id end,
      status = excluded.status,
      response = null,
      locked_until = excluded.locked_until,
      expires_at = excluded.expires_at
    where held.expires_at <= now()
      or (held.status is null and held.locked_until <= now() and held.request_sha256 = excluded.request_sha256)
    returning image_id
  ), image_id as materialized (
    select image_id as id from claimed union all select $4 where $2::text is null
  ), inserted as (
    insert into image (id, tenant_id, status, declared_type, declared_bytes, declared_sha256, presets, metadata,
      replaces, ticket_expires_at, work, charge)
    select id, $1, 'awaiting_upload', $8, $9, $10, $11, $12, $15, now() + make_interval(secs => $13), $14, $16
    from image_id
    on conflict (id) do nothing
  )
  select id, now() + make_interval(secs => $13) as expires from image_id`,
};

/** Inserts an image, unless its Idempotency-Key is in use. */
export async function insertTicket(
  connection: Connection,
  image: NewImage,
  { claim }: { claim: KeyClaim | undefined },
): Promise<TicketOutcome> {
  const { rows } = await connection.query<{ id: string; expires: Date }>(insertStatement, [
    image.tenant,
    claim?.key ?? null,
    claim?.requestSha256 ?? null,
    image.id,
    claim?.answered ?? null,
    claim?.lockSeconds ?? 0,
    claim?.keepSeconds ?? 0,
    image.contentType,
    image.bytes,
    image.sha256 ?? null,
    image.presets,
    JSON.stringify(image.metadata),
    image.ticketSeconds,
    image.work ?? 1,
    image.replaces ?? null,
    image.charge === undefined ? null : JSON.stringify(image.charge),
  ]);
  const row = rows[0];
  return row === undefined
    ? { outcome: 'key_taken' }
    : { outcome: 'inserted', imageId: row.id, ticketExpiresAt: row.expires };
}
