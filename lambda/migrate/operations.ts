import type { CallOptions, Connection, Database } from '../postgres/connection/connection.ts';
import { causeState } from '../postgres/connection/failures.ts';
import {
  type Inspected,
  inspectImage,
  newestEnded,
  oldestUnfinished,
} from '../postgres/images/inspection.ts';
import { listTenants } from '../postgres/tenants/tenants.ts';
import type { Operation } from './event.ts';
import { findKey, makeKey, requireTenant, revokeAllKeys, revokeKey, rotateKeys, tenantKeys } from './keys.ts';
import { OperationMistake } from './mistakes.ts';
import { nextStep, type Terms } from './next-step.ts';

/** Operations read by keys and write few rows; a slower one waits for a lock. */
const statementTimeoutMs = 10_000;

/** 42P01 undefined table, 42703 undefined column: the schema is of another version. */
const otherSchema = new Set(['42P01', '42703']);

/** Result of an operation, as JSON. */
export type Answer = Awaited<ReturnType<typeof perform>>;

/**
 * Runs an operation on one connection, without migrating first.
 * @throws OperationMistake, and TransientFailure `database_unavailable` or `statement_timeout`.
 */
export async function operate(
  database: Database,
  operation: Operation,
  terms: Terms,
  call: CallOptions,
): Promise<Answer> {
  try {
    return await database.run(async (connection) => {
      await connection.query("select set_config('statement_timeout', $1, false)", [
        `${statementTimeoutMs}ms`,
      ]);
      return perform(connection, operation, terms);
    }, call);
  } catch (error) {
    if (!otherSchema.has(causeState(error) ?? '')) throw error;
    throw new OperationMistake(
      'not_migrated',
      'the database has not the tables of this version: invoke migrate with {} first',
      { cause: error },
    );
  }
}

function perform(connection: Connection, operation: Operation, terms: Terms) {
  switch (operation.operation) {
    case 'listTenants':
      return tenants(connection, operation);
    case 'listKeys':
      return tenantKeys(connection, operation);
    case 'findKey':
      return findKey(connection, operation.key);
    case 'makeKey':
      return makeKey(connection, operation.tenant);
    case 'revokeKey':
      return revokeKey(connection, operation);
    case 'revokeAllKeys':
      return revokeAllKeys(connection, operation.tenant);
    case 'rotateKeys':
      return rotateKeys(connection, operation);
    case 'showImage':
      return showImage(connection, operation.image, terms);
    case 'listImages':
      return listImages(connection, operation, terms);
  }
}

async function tenants(connection: Connection, page: { after: string; limit: number }) {
  const found = await listTenants(connection, page);
  return { tenants: found, more: found.length === page.limit };
}

async function showImage(connection: Connection, imageId: string, terms: Terms) {
  const image = await inspectImage(connection, imageId);
  if (image === undefined)
    throw new OperationMistake(
      'image_unknown',
      `there is no row of the image ${imageId}: it never was, or it was deleted, or it was kept for as long as ` +
        'retention.rows says',
    );
  return { image, next: nextStep(image, terms) };
}

async function listImages(
  connection: Connection,
  { tenant, which, limit }: Extract<Operation, { operation: 'listImages' }>,
  terms: Terms,
) {
  await requireTenant(connection, tenant);
  const images: Inspected[] =
    which === 'unfinished'
      ? await oldestUnfinished(connection, tenant, limit)
      : await newestEnded(connection, tenant, { status: which, limit });
  return {
    tenant,
    which,
    images: images.map((image) => ({ ...image, next: nextStep(image, terms) })),
    more: images.length === limit,
  };
}
