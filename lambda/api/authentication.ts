import { createHash } from 'node:crypto';
import { keyCacheSeconds } from '../domain/keys.ts';
import type { StoredPlan } from '../domain/plan.ts';
import type { Database } from '../postgres/connection/connection.ts';
import { findTenant } from '../postgres/tenants/tenants.ts';
import { keyUnknown, unauthenticated } from './http/problem.ts';
import type { ApiRequest } from './http/request.ts';

/** The tenant of a key with its plan, both remembered for at most 30 s. */
export interface Caller {
  tenant: string;
  stored: StoredPlan;
}

/** Finds the tenant of a request. @throws Problem `unauthenticated`. */
export type Authenticate = (request: ApiRequest, database: Database) => Promise<Caller>;

/** Looks up bearer keys by SHA-256, so that timing reveals nothing. @param options.rememberedKeys size of the cache */
export function bearerAuthentication({
  now = Date.now,
  rememberedKeys = 1_000,
}: {
  now?: () => number;
  rememberedKeys?: number;
} = {}): Authenticate {
  const known = new Map<string, { caller: Caller; until: number }>();
  return async (request, database) => {
    const key = /^Bearer +([\x21-\x7e]{1,512}) *$/i.exec(request.headers.get('authorization') ?? '')?.[1];
    if (key === undefined)
      throw unauthenticated('Send your API key as "Authorization: Bearer <key>".', 'Bearer realm="sluice"');
    const sha256 = createHash('sha256').update(key).digest();
    const name = sha256.toString('base64');
    const remembered = known.get(name);
    if (remembered !== undefined && remembered.until > now()) return remembered.caller;
    known.delete(name);
    const holder = await database.run((connection) => findTenant(connection, sha256));
    if (holder === undefined) throw keyUnknown();
    if (known.size >= rememberedKeys) known.clear();
    const { tenant, endsInMs, plan, named, fallback } = holder;
    const caller = { tenant, stored: { plan, named, fallback } };
    // A replaced key ends at its announced time, not half a minute later.
    known.set(name, { caller, until: now() + Math.min(1000 * keyCacheSeconds, endsInMs ?? Infinity) });
    return caller;
  };
}
