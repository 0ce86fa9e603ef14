import type { TransientFailure } from '../domain/failure.ts';
import { keyCacheSeconds } from '../domain/keys.ts';
import type { StoredPlan } from '../domain/plan.ts';
import type { Database } from '../postgres/connection/connection.ts';
import { findTenant } from '../postgres/tenants/tenants.ts';
import { bearerKeyDigest, keyMissing } from '../runtime/bearer-key.ts';
import { isOutage } from './admission/deferred.ts';
import { keyUnknown, unauthenticated } from './http/problem.ts';
import type { ApiRequest } from './http/request.ts';

/** The tenant of a key with its plan, both remembered for at most 30 s. */
export interface Caller {
  tenant: string;
  stored: StoredPlan;
  /** The key was known within the last hour and cannot be looked up: enough for a turn in line, and for nothing else. */
  unverified?: TransientFailure;
}

/** Finds the tenant of a request. @throws Problem `unauthenticated`. */
export type Authenticate = (request: ApiRequest, database: Database) => Promise<Caller>;

/** A key that was known is remembered for so long, for turns in an outage. */
const onceKnownMs = 3_600_000;

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
    const sha256 = bearerKeyDigest(request.headers.get('authorization'));
    if (sha256 === undefined) throw unauthenticated(keyMissing.detail, keyMissing.challenge);
    const name = sha256.toString('base64');
    const remembered = known.get(name);
    if (remembered !== undefined && remembered.until > now()) return remembered.caller;
    let holder: Awaited<ReturnType<typeof findTenant>>;
    try {
      holder = await database.run((connection) => findTenant(connection, sha256));
    } catch (error) {
      if (remembered !== undefined && isOutage(error) && now() < remembered.until + onceKnownMs)
        return { ...remembered.caller, unverified: error };
      throw error;
    }
    known.delete(name);
    if (holder === undefined) throw keyUnknown();
    if (known.size >= rememberedKeys) known.clear();
    const { tenant, endsInMs, plan, named, fallback } = holder;
    const caller = { tenant, stored: { plan, named, fallback } };
    // A replaced key ends at its announced time, not half a minute later.
    known.set(name, { caller, until: now() + Math.min(1000 * keyCacheSeconds, endsInMs ?? Infinity) });
    return caller;
  };
}
