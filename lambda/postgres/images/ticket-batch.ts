import type { Connection } from '../connection/connection.ts';
import type { RepeatedImage } from './idempotency.ts';
import type { KeyClaim, NewImage } from './tickets.ts';

/** The stored status of a request for several tickets. */
export const keptTickets = 200;

/** The stored result of each ticket of a request, in order: its image, or the members of its problem. */
export type KeptTicket = { id: string } | { problem: object };

/** The key of a request for several tickets, with the results that a repeated request gets. */
export interface BatchClaim extends Pick<KeyClaim, 'key' | 'requestSha256' | 'keepSeconds'> {
  kept: readonly KeptTicket[];
}

/*
 * Rows, key and results in one statement, as of a single ticket: either all or, if the key is in use, none. Rows are one
 * JSON array, because arrays of arrays (presets) must be rectangular.
 */
const insertStatement = {
  name: 'insert tickets',
  text: `
  with claimed as (
    insert into idempotency_key as held
      (tenant_id, key, request_sha256, status, response, locked_until, expires_at)
    select $1, $2, $3, ${keptTickets}, $4, now(), now() + make_interval(secs => $5)
    where $2::text is not null
    on conflict (tenant_id, key) do update set
      request_sha256 = excluded.request_sha256,
      image_id = null,
      status = excluded.status,
      response = excluded.response,
      locked_until = excluded.locked_until,
      expires_at = excluded.expires_at
    where held.expires_at <= now()
    returning key
  ), free as materialized (
    select from claimed union all select where $2::text is null
  ), inserted as (
    insert into image (id, tenant_id, status, declared_type, declared_bytes, declared_sha256, presets, metadata, replaces,
      ticket_expires_at, work, charge)
    select id, $1, 'awaiting_upload', type, bytes, sha256, presets, metadata, replaces,
      now() + make_interval(secs => $7), work, charge
    from free, jsonb_to_recordset($6::jsonb) as image (id uuid, type text, bytes bigint, sha256 text, presets text[],
      metadata jsonb, replaces text, work real, charge jsonb)
  )
  select now() + make_interval(secs => $7) as expires from free`,
};

/** Inserts images with tickets of the same lifetime. @returns the tickets' end; undefined if the key is in use */
export async function insertTickets(
  connection: Connection,
  tenant: string,
  {
    images,
    ticketSeconds,
    claim,
  }: {
    images: readonly Omit<NewImage, 'tenant' | 'ticketSeconds'>[];
    ticketSeconds: number;
    claim: BatchClaim | undefined;
  },
): Promise<Date | undefined> {
  const rows = images.map(({ contentType, work = 1, ...image }) => ({ ...image, type: contentType, work }));
  const inserted = await connection.query<{ expires: Date }>(insertStatement, [
    tenant,
    claim?.key ?? null,
    claim?.requestSha256 ?? null,
    claim === undefined ? null : JSON.stringify(claim.kept),
    claim?.keepSeconds ?? 0,
    JSON.stringify(rows),
    ticketSeconds,
  ]);
  return inserted.rows[0]?.expires;
}

/** The current images of a repeated request, with the terms of their tickets; deleted ones are missing. */
export async function repeatedImages(
  connection: Connection,
  tenant: string,
  ids: readonly string[],
): Promise<RepeatedImage[]> {
  const { rows } = await connection.query<RepeatedImage>(
    `select id, status, declared_type as "contentType", declared_bytes as bytes, declared_sha256 as sha256,
       ticket_expires_at as "ticketExpiresAt",
       greatest(0, floor(extract(epoch from ticket_expires_at - now())))::int as "ticketSeconds"
     from image where id = any ($2::uuid[]) and tenant_id = $1 and deleted_at is null`,
    [tenant, ids],
  );
  return rows;
}
