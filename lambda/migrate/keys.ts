import { keyBelievedSeconds, keyId } from '../domain/keys.ts';
import type { Connection } from '../postgres/connection/connection.ts';
import { inTransaction } from '../postgres/connection/transaction.ts';
import { endKeys, type KeyFacts, keysBeginning, listKeys } from '../postgres/tenants/api-keys.ts';
import { addKey } from '../postgres/tenants/new-tenant.ts';
import { tenantExists } from '../postgres/tenants/tenants.ts';
import { newApiKey } from './api-key.ts';
import { OperationMistake } from './mistakes.ts';

/** A key in a response, by its id, which does not reveal it. */
export interface AnsweredKey {
  id: string;
  state: KeyFacts['state'];
  createdAt: string;
  /** When it ended or will end. */
  endsAt: string | null;
}

export interface KeyChange {
  tenant: string;
  /** Only for a new key; it is not stored. */
  apiKey?: string;
  /** Id of the new key. */
  made?: string;
  /** Requested keys, ended by this call or before. */
  ended: AnsweredKey[];
  endedBefore: AnsweredKey[];
  /** Keys that still work afterwards, including those that end later. */
  living: number;
  note: string;
}

/** More keys than any tenant has. */
const allKeys = 1_000;

export async function tenantKeys(
  connection: Connection,
  { tenant, limit }: { tenant: string; limit: number },
): Promise<{ tenant: string; keys: AnsweredKey[] }> {
  await requireTenant(connection, tenant);
  return { tenant, keys: (await listKeys(connection, tenant, limit)).map(answered) };
}

/** Finds the owner of a key. @throws OperationMistake `key_unknown`, `key_ambiguous` */
export async function findKey(
  connection: Connection,
  digits: string,
): Promise<{ tenant: string; key: AnsweredKey }> {
  const found = one(await keysBeginning(connection, digits, 2), digits);
  return { tenant: found.tenant, key: answered(found) };
}

/** @throws OperationMistake `tenant_unknown` */
export function makeKey(connection: Connection, tenant: string): Promise<KeyChange> {
  return inTransaction(connection, async () => {
    const { apiKey, sha256 } = await addNewKey(connection, tenant);
    return change(connection, tenant, { apiKey, made: keyId(sha256), note: 'The key is told this once.' });
  });
}

/** Ends one key; idempotent. @throws OperationMistake `tenant_unknown`, `key_unknown`, `key_ambiguous` */
export function revokeKey(
  connection: Connection,
  { tenant, key }: { tenant: string; key: string },
): Promise<KeyChange> {
  return inTransaction(connection, async () => {
    await requireTenant(connection, tenant);
    // Across tenants: operators may know that a key is another tenant's.
    const found = one(await keysBeginning(connection, key, 2), key);
    if (found.tenant !== tenant)
      throw new OperationMistake(
        'key_unknown',
        `the key ${keyId(found.sha256)} is of the tenant "${found.tenant}"`,
      );
    const ended = await endKeys(connection, { tenant, only: [found.sha256], afterSeconds: 0 });
    const endedBefore = ended.length === 0 ? [found] : [];
    return change(connection, tenant, {
      ended,
      endedBefore,
      note: ended.length === 0 ? 'It was revoked before.' : untilForgotten,
    });
  });
}

/** Ends every key of a tenant. @throws OperationMistake `tenant_unknown` */
export function revokeAllKeys(connection: Connection, tenant: string): Promise<KeyChange> {
  return inTransaction(connection, async () => {
    await requireTenant(connection, tenant);
    const ended = await endKeys(connection, { tenant, afterSeconds: 0 });
    return change(connection, tenant, {
      ended,
      note: ended.length === 0 ? 'No key opened it before.' : untilForgotten,
    });
  });
}

/** Creates a key and ends the others after `overlapSeconds`, atomically. @throws OperationMistake `tenant_unknown` */
export function rotateKeys(
  connection: Connection,
  { tenant, overlapSeconds }: { tenant: string; overlapSeconds: number },
): Promise<KeyChange> {
  return inTransaction(connection, async () => {
    const { apiKey, sha256 } = await addNewKey(connection, tenant);
    const ended = await endKeys(connection, { tenant, except: [sha256], afterSeconds: overlapSeconds });
    // Environments that have cached a key do not know its end.
    const note =
      overlapSeconds < keyBelievedSeconds
        ? untilForgotten
        : 'The keys before it open the tenant until then, and not longer.';
    return change(connection, tenant, {
      apiKey,
      made: keyId(sha256),
      ended,
      note: `The key is told this once. ${note}`,
    });
  });
}

const untilForgotten =
  `Environments of the API that know a key already take it for up to ${keyBelievedSeconds} seconds more; presigned URLs ` +
  'that were given out for it stay good until they expire.';

async function addNewKey(connection: Connection, tenant: string) {
  await requireTenant(connection, tenant);
  const key = newApiKey();
  await addKey(connection, tenant, Buffer.from(key.sha256, 'hex'));
  return key;
}

async function change(
  connection: Connection,
  tenant: string,
  {
    ended = [],
    endedBefore = [],
    note,
    ...made
  }: { ended?: KeyFacts[]; endedBefore?: KeyFacts[]; note: string; apiKey?: string; made?: string },
): Promise<KeyChange> {
  const living = (await listKeys(connection, tenant, allKeys)).filter(
    ({ state }) => state !== 'revoked',
  ).length;
  const last = living === 0 ? ' No key opens the tenant any more.' : '';
  return {
    tenant,
    ...made,
    ended: ended.map(answered),
    endedBefore: endedBefore.map(answered),
    living,
    note: `${note}${last}`,
  };
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
      `the SHA-256 of more than one key begins with ${digits}: give more digits`,
    );
  return first;
}

function answered({ sha256, state, createdAt, endsAt }: KeyFacts): AnsweredKey {
  return {
    id: keyId(sha256),
    state,
    createdAt: createdAt.toISOString(),
    endsAt: endsAt?.toISOString() ?? null,
  };
}
