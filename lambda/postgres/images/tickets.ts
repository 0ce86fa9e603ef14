import type { AdmissionReadings, ImageCounts } from '../../domain/admission.ts';
import type { Connection } from '../connection/connection.ts';
import { finishedInLastMinute, unfinishedUpTo } from './admission.ts';

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
 * - `full`: a bound was reached, nothing written;
 * - `key_taken`: the key's request is running or answered, nothing written.
 */
export type TicketOutcome =
  | { outcome: 'inserted'; imageId: string; ticketExpiresAt: Date; readings: AdmissionReadings }
  | { outcome: 'full'; readings: AdmissionReadings }
  | { outcome: 'key_taken' };

/*
 * Count, key, row and response in one round trip. An expired key, or one whose request died (its lock expired without a
 * response), is taken over. A dead request's image id is kept, so that row and object are not made twice (I2), unless that
 * image was deleted.
 */
const insertStatement = `
  with backlog as materialized (
    select case when $1::int is null then null else ${unfinishedUpTo('$1::int')} end as unfinished,
      case when $15::int is null then null else ${unfinishedUpTo('$15::int', 'tenant_id = $2')} end as unfinished_of_tenant
  ), admitted as materialized (
    select from backlog
    where (unfinished is null or unfinished < $1::int)
      and (unfinished_of_tenant is null or unfinished_of_tenant < $15::int)
  ), claimed as (
    insert into idempotency_key as held
      (tenant_id, key, request_sha256, image_id, status, locked_until, expires_at)
    select $2, $3, $4, $5, $6, now() + make_interval(secs => $7), now() + make_interval(secs => $8)
    from admitted where $3::text is not null
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
  ), inserted as (
    insert into image (id, tenant_id, status, declared_type, declared_bytes, declared_sha256, presets, metadata,
      replaces, ticket_expires_at)
    select coalesce(claimed.image_id, $5), $2, 'awaiting_upload', $9, $10, $11, $12, $13,
      $16, now() + make_interval(secs => $14)
    from admitted left join claimed on true
    where $3::text is null or claimed.image_id is not null
    on conflict (id) do nothing
  )
  select unfinished, unfinished_of_tenant, exists (select from admitted) as admitted, (select image_id from claimed) as claimed_id,
    now() + make_interval(secs => $14) as expires,
    case when not exists (select from admitted) then ${finishedInLastMinute} end as finished
  from backlog`;

/** Inserts an image unless a bound of unfinished images is reached; absent bounds are not counted. */
export async function insertTicket(
  connection: Connection,
  image: NewImage,
  { bounds, claim }: { bounds: ImageCounts; claim: KeyClaim | undefined },
): Promise<TicketOutcome> {
  const { rows } = await connection.query<{
    unfinished: number | null;
    unfinished_of_tenant: number | null;
    admitted: boolean;
    claimed_id: string | null;
    expires: Date;
    finished: number | null;
  }>(insertStatement, [
    bounds.all ?? null,
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
    bounds.tenant ?? null,
    image.replaces ?? null,
  ]);
  const row = rows[0];
  if (row === undefined) throw new Error('the insert of a ticket returned no row');
  const readings = {
    unfinished: { all: row.unfinished ?? undefined, tenant: row.unfinished_of_tenant ?? undefined },
    finishedInLastMinute: row.finished ?? 0,
  };
  if (!row.admitted) return { outcome: 'full', readings };
  if (claim !== undefined && row.claimed_id === null) return { outcome: 'key_taken' };
  return {
    outcome: 'inserted',
    imageId: row.claimed_id ?? image.id,
    ticketExpiresAt: row.expires,
    readings,
  };
}
