import type { TransientFailure } from '../domain/failure.ts';
import { keyCacheSeconds, keyFreshSeconds } from '../domain/keys.ts';
import type { StoredPlan } from '../domain/plan.ts';
import type { Database } from '../postgres/connection/connection.ts';
import { findTenant } from '../postgres/tenants/tenants.ts';
import { bearerKeyDigest, keyMissing } from '../runtime/bearer-key.ts';
import { openFreshness, type Read } from '../runtime/freshness.ts';
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

/**
 * Looks up bearer keys by SHA-256, so that timing reveals nothing. A key is looked up again every 15 to 20 s, by one request
 * at a time, and used for at most 30 s after a look-up, whatever becomes of the later ones.
 * @param options.rememberedKeys size of the cache
 */
export function bearerAuthentication({
  now = Date.now,
  random = Math.random,
  rememberedKeys = 1_000,
}: {
  now?: () => number;
  random?: () => number;
  rememberedKeys?: number;
} = {}): Authenticate {
  const known = openFreshness<Caller>(
    {
      freshMs: 1000 * keyFreshSeconds,
      usableMs: 1000 * keyCacheSeconds,
      retryMs: 2_000,
      mostNames: rememberedKeys,
    },
    { now, random },
  );

  /** A replaced key ends at its announced time, not half a minute later. */
  async function lookUp(database: Database, sha256: Buffer): Promise<Read<Caller> | undefined> {
    const holder = await database.run((connection) => findTenant(connection, sha256));
    if (holder === undefined) return undefined;
    const { tenant, endsInMs, plan, named, fallback } = holder;
    return { value: { tenant, stored: { plan, named, fallback } }, livesMs: endsInMs ?? undefined };
  }

  return async (request, database) => {
    const sha256 = bearerKeyDigest(request.headers.get('authorization'));
    if (sha256 === undefined) throw unauthenticated(keyMissing.detail, keyMissing.challenge);
    const name = sha256.toString('base64');
    try {
      const caller = await known.get(name, () => lookUp(database, sha256));
      if (caller === undefined) throw keyUnknown();
      return caller;
    } catch (error) {
      const last = known.last(name);
      if (last !== undefined && isOutage(error) && last.endedMs < onceKnownMs)
        return { ...last.value, unverified: error };
      throw error;
    }
  };
}
