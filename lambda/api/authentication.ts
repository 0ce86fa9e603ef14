import { createHash } from 'node:crypto';
import { keyCacheSeconds } from '../domain/keys.ts';
import type { Database } from '../postgres/connection/connection.ts';
import { findTenant } from '../postgres/tenants/tenants.ts';
import { Problem } from './http/problem.ts';
import type { ApiRequest } from './http/request.ts';

/** Finds the tenant of a request. @throws Problem `unauthenticated`. */
export type Authenticate = (request: ApiRequest, database: Database) => Promise<string>;

/** Looks up bearer keys by SHA-256, so that timing reveals nothing. @param options.rememberedKeys size of the cache */
export function bearerAuthentication({
  now = Date.now,
  rememberedKeys = 1_000,
}: {
  now?: () => number;
  rememberedKeys?: number;
} = {}): Authenticate {
  const known = new Map<string, { tenant: string; until: number }>();
  return async (request, database) => {
    const key = /^Bearer +([\x21-\x7e]{1,512}) *$/i.exec(request.headers.get('authorization') ?? '')?.[1];
    if (key === undefined)
      throw unauthenticated('Send your API key as "Authorization: Bearer <key>".', 'Bearer realm="sluice"');
    const sha256 = createHash('sha256').update(key).digest();
    const name = sha256.toString('base64');
    const remembered = known.get(name);
    if (remembered !== undefined && remembered.until > now()) return remembered.tenant;
    known.delete(name);
    const holder = await database.run((connection) => findTenant(connection, sha256));
    if (holder === undefined)
      throw unauthenticated(
        'This API key is unknown or revoked.',
        'Bearer realm="sluice", error="invalid_token"',
      );
    if (known.size >= rememberedKeys) known.clear();
    const { tenant, endsInMs } = holder;
    // A replaced key ends at its announced time, not half a minute later.
    known.set(name, { tenant, until: now() + Math.min(1000 * keyCacheSeconds, endsInMs ?? Infinity) });
    return tenant;
  };
}

function unauthenticated(detail: string, challenge: string): Problem {
  return new Problem('unauthenticated', detail, { headers: { 'WWW-Authenticate': challenge } });
}
