import type { ExportSelection } from '../domain/export.ts';
import type { OpenConnection } from '../postgres/connection/connection.ts';
import { findTenant } from '../postgres/tenants/tenants.ts';
import { bearerKeyDigest, keyMissing, keyRefused } from '../runtime/bearer-key.ts';
import { selectionOf } from '../runtime/export-schema.ts';
import { Refusal, unauthenticated } from './refusal.ts';
import type { StreamRequest } from './request.ts';

/** What an admitted request exports. */
export interface Admitted {
  tenant: string;
  selection: ExportSelection;
  consistent: boolean;
}

/** Seconds after which a second stream may be tried: a small export takes less. */
const retrySeconds = 5;

/** The digest of the request's key. @throws Refusal `unauthenticated` */
export function keyOf(request: StreamRequest): Buffer {
  const digest = bearerKeyDigest(request.header('authorization'));
  if (digest === undefined) throw unauthenticated(keyMissing);
  return digest;
}

/** Finds who asks for what. @throws Refusal `unauthenticated`, `invalid_request`; TransientFailure */
export async function admit(
  connection: OpenConnection,
  request: StreamRequest,
  key: Buffer,
): Promise<Admitted> {
  const holder = await findTenant(connection, key);
  if (holder === undefined) throw unauthenticated(keyRefused);
  const { snapshot, ...query } = request.query();
  return { tenant: holder.tenant, selection: selectionOf(query), consistent: snapshot === 'consistent' };
}

/** One stream of a tenant at a time, so that none takes all connections. */
export function alreadyStreaming(): Refusal {
  return new Refusal('export_running', 'Another export of yours is being streamed. Wait for its end.', {
    headers: { 'Retry-After': String(retrySeconds) },
  });
}
