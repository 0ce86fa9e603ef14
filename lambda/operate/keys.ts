import { createHash, randomBytes } from 'node:crypto';
import { keyCacheSeconds, keyId } from '../domain/keys.ts';
import type { Connection } from '../postgres/connection/connection.ts';
import { inTransaction } from '../postgres/connection/transaction.ts';
import { endKeys, type KeyFacts, keysBeginning, listKeys } from '../postgres/tenants/api-keys.ts';
import { addKey, addTenantKey } from '../postgres/tenants/new-tenant.ts';
import { tenantExists } from '../postgres/tenants/tenants.ts';
import { OperationMistake } from './mistakes.ts';

/** A key in a result, by its id, which does not reveal it. */
export type KeySummary = { id: string } & Pick<KeyFacts, 'state' | 'createdAt' | 'endsAt'>;

export interface KeyChange {
  tenant: string;
  /** Only for a new key; it is not stored. */
  apiKey?: string;
  /** Id of the new key. */
  keyId?: string;
  /** Requested keys, ended by this call or before. */
  ended: KeySummary[];
  endedBefore: KeySummary[];
  /** Keys that still work, including those that end later. */
  validKeys: number;
  note: string;
}

/** More keys than any tenant has. */
const allKeys = 1_000;

export async function tenantKeys(
  connection: Connection,
  { tenant, limit }: { tenant: string; limit: number },
): Promise<{ tenant: string; keys: KeySummary[] }> {
  await requireTenant(connection, tenant);
  return { tenant, keys: (await listKeys(connection, tenant, limit)).map(summarise) };
}

/** Finds the owner of a key. @throws OperationMistake `key_unknown`, `key_ambiguous` */
export async function findKey(
  connection: Connection,
  { key }: { key: string },
): Promise<{ tenant: string; key: KeySummary }> {
  const found = one(await keysBeginning(connection, key, 2), key);
  return { tenant: found.tenant, key: summarise(found) };
}

/** Creates a tenant if needed, and a key: with this SHA-256 in hex, or a new one. @throws KeyTaken, KeyRevoked */
export async function makeTenant(
  connection: Connection,
  { tenant, keySha256 }: { tenant: string; keySha256?: string | undefined },
): Promise<{ tenant: string; apiKey?: string }> {
  const { apiKey, sha256 } = keySha256 === undefined ? newApiKey() : { apiKey: undefined, sha256: keySha256 };
  await addTenantKey(connection, tenant, Buffer.from(sha256, 'hex'));
  return apiKey === undefined ? { tenant } : { tenant, apiKey };
}

/** @throws OperationMistake `tenant_unknown` */
export function makeKey(connection: Connection, { tenant }: { tenant: string }): Promise<KeyChange> {
  return changeKeys(connection, tenant, async () => {
    const { apiKey, sha256 } = await addNewKey(connection, tenant);
    return { apiKey, keyId: keyId(sha256), note: shownOnce };
  });
}

/** Ends one key; idempotent. @throws OperationMistake `tenant_unknown`, `key_unknown`, `key_ambiguous` */
export function revokeKey(
  connection: Connection,
  { tenant, key }: { tenant: string; key: string },
): Promise<KeyChange> {
  return changeKeys(connection, tenant, async () => {
    // Across tenants: operators may see that a key is another tenant's.
    const found = one(await keysBeginning(connection, key, 2), key);
    if (found.tenant !== tenant)
      throw new OperationMistake(
        'key_unknown',
        `the key ${keyId(found.sha256)} belongs to the tenant "${found.tenant}"`,
      );
    const ended = await endKeys(connection, { tenant, only: [found.sha256], afterSeconds: 0 });
    if (ended.length > 0) return { ended, note: untilUncached };
    return { endedBefore: [found], note: 'The key was already revoked.' };
  });
}

/** Ends every key of a tenant. @throws OperationMistake `tenant_unknown` */
export function revokeAllKeys(connection: Connection, { tenant }: { tenant: string }): Promise<KeyChange> {
  return changeKeys(connection, tenant, async () => {
    const ended = await endKeys(connection, { tenant, afterSeconds: 0 });
    return { ended, note: ended.length === 0 ? 'The tenant had no valid key.' : untilUncached };
  });
}

/** Creates a key and ends the others after `overlapSeconds`, atomically. @throws OperationMistake `tenant_unknown` */
export function rotateKeys(
  connection: Connection,
  { tenant, overlapSeconds }: { tenant: string; overlapSeconds: number },
): Promise<KeyChange> {
  return changeKeys(connection, tenant, async () => {
    const { apiKey, sha256 } = await addNewKey(connection, tenant);
    const ended = await endKeys(connection, { tenant, except: [sha256], afterSeconds: overlapSeconds });
    // Environments that have cached a key do not know its end.
    const note =
      overlapSeconds < keyCacheSeconds
        ? untilUncached
        : 'The earlier keys work until they end, and no longer.';
    return { apiKey, keyId: keyId(sha256), ended, note: `${shownOnce} ${note}` };
  });
}

const shownOnce = 'The key is shown only once.';
const untilUncached =
  `Environments of the API cache keys and accept them for up to ${keyCacheSeconds} seconds more; presigned URLs ` +
  'remain valid until they expire.';

/** 256 random bits cannot be guessed, so the SHA-256 (hex) that is stored needs no salt and no slow function. */
function newApiKey(): { apiKey: string; sha256: string } {
  const apiKey = `sluice_${randomBytes(32).toString('base64url')}`;
  return { apiKey, sha256: createHash('sha256').update(apiKey).digest('hex') };
}

async function addNewKey(connection: Connection, tenant: string) {
  const key = newApiKey();
  await addKey(connection, tenant, Buffer.from(key.sha256, 'hex'));
  return key;
}

type Change = Pick<KeyChange, 'apiKey' | 'keyId' | 'note'> & { ended?: KeyFacts[]; endedBefore?: KeyFacts[] };

/** Changes keys of an existing tenant in a transaction. @throws OperationMistake `tenant_unknown` */
function changeKeys(connection: Connection, tenant: string, work: () => Promise<Change>): Promise<KeyChange> {
  return inTransaction(connection, async () => {
    await requireTenant(connection, tenant);
    const { ended = [], endedBefore = [], note, ...created } = await work();
    const keys = await listKeys(connection, tenant, allKeys);
    const validKeys = keys.filter(({ state }) => state !== 'revoked').length;
    return {
      tenant,
      ...created,
      ended: ended.map(summarise),
      endedBefore: endedBefore.map(summarise),
      validKeys,
      note: validKeys === 0 ? `${note} The tenant has no valid key any more.` : note,
    };
  });
}

/** @throws OperationMistake `tenant_unknown` */
export async function requireTenant(connection: Connection, tenant: string): Promise<void> {
  if (!(await tenantExists(connection, tenant)))
    throw new OperationMistake('tenant_unknown', `there is no tenant "${tenant}"`);
}

function one([first, second]: KeyFacts[], digits: string): KeyFacts {
  if (first === undefined)
    throw new OperationMistake('key_unknown', `no key has a SHA-256 that begins with ${digits}`);
  if (second !== undefined)
    throw new OperationMistake(
      'key_ambiguous',
      `several keys have a SHA-256 that begins with ${digits}: give more digits`,
    );
  return first;
}

function summarise({ sha256, state, createdAt, endsAt }: KeyFacts): KeySummary {
  return { id: keyId(sha256), state, createdAt, endsAt };
}
