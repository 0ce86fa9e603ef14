import type { Connection } from './connection.ts';
import type { KeptAnswer } from './tickets.ts';

/** What is known of an Idempotency-Key that is in use. Without an answer its request runs, or died while running. */
export interface HeldKey {
  requestSha256: Buffer;
  answer?: KeptAnswer;
  /** Seconds until a request that died while it held the key is given up. */
  lockedForSeconds: number;
}

interface HeldRow {
  request_sha256: Buffer;
  status: number | null;
  response: { body: string; location: string } | null;
  locked_for: number;
}

/** Reads a key of a tenant; undefined where it is free or its time is over. */
export async function readHeldKey(
  connection: Connection,
  tenant: string,
  key: string,
): Promise<HeldKey | undefined> {
  const { rows } = await connection.query<HeldRow>(
    `select request_sha256, status, response,
      greatest(0, ceil(extract(epoch from locked_until - now())))::int as locked_for
     from idempotency_key where tenant_id = $1 and key = $2 and expires_at > now()`,
    [tenant, key],
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    requestSha256: row.request_sha256,
    lockedForSeconds: row.locked_for,
    ...(row.status === null || row.response === null
      ? {}
      : { answer: { status: row.status, body: row.response.body, location: row.response.location } }),
  };
}
