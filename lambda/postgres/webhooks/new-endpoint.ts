import type { Connection } from '../connection/connection.ts';
import {
  type Endpoint,
  type EndpointRef,
  type EndpointSettings,
  endpointColumns,
  findEndpoint,
} from './endpoints.ts';

/** A request for an endpoint. */
export interface NewEndpoint extends EndpointRef, EndpointSettings {
  secret: string;
  /** The Idempotency-Key of the request, if it has one, which is kept for so many seconds. */
  key?: { key: string; requestSha256: Buffer; keepSeconds: number } | undefined;
}

/**
 * `repeated`: this request has made it before; without the secret if that was rotated since. `reused`: the Idempotency-Key was
 * used for another request. `too_many`: the tenant has as many as it may.
 */
export type RequestedEndpoint =
  | { outcome: 'made' | 'repeated'; endpoint: Endpoint; secret: string | null }
  | { outcome: 'reused' }
  | { outcome: 'too_many' };

/**
 * Adds an endpoint, unless its request was repeated. Only in a transaction: the requests of a tenant take turns, so that the
 * limit holds and a key makes one endpoint.
 */
export async function requestEndpoint(
  connection: Connection,
  { tenant, id, url, types, description, secret, key }: NewEndpoint,
  most: number,
): Promise<RequestedEndpoint> {
  await connection.query('select pg_advisory_xact_lock(7358204, hashtext($1))', [tenant]);
  if (key !== undefined) {
    const { rows } = await connection.query<{ id: string; same: boolean; secret: string | null }>(
      'select id, is_same as same, secret from webhook_of_key($1, $2, $3, $4)',
      [tenant, key.key, key.requestSha256, key.keepSeconds],
    );
    const [earlier] = rows;
    if (earlier?.same === false) return { outcome: 'reused' };
    const endpoint = earlier && (await findEndpoint(connection, { tenant, id: earlier.id }));
    if (endpoint !== undefined) return { outcome: 'repeated', endpoint, secret: earlier?.secret ?? null };
  }
  const { rows } = await connection.query<Endpoint>(
    `insert into webhook_endpoint (id, tenant_id, url, types, description, secret, idempotency_key, request_sha256)
     select $1, $2, $3, $4, $5, $6, $8, $9
     where (select count(*) from webhook_endpoint where tenant_id = $2 and deleted_at is null) < $7
     returning ${endpointColumns}`,
    [id, tenant, url, types, description, secret, most, key?.key ?? null, key?.requestSha256 ?? null],
  );
  const [endpoint] = rows;
  return endpoint === undefined ? { outcome: 'too_many' } : { outcome: 'made', endpoint, secret };
}
