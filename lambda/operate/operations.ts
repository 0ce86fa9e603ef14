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
import {
  findKey,
  makeKey,
  makeTenant,
  requireTenant,
  revokeAllKeys,
  revokeKey,
  rotateKeys,
  tenantKeys,
} from './keys.ts';
import { OperationMistake } from './mistakes.ts';
import { type NextStepSettings, nextStep } from './next-step.ts';

/** 42P01 no table, 42703 no column, 42501 no grant: the schema is of another version. */
const otherSchema = new Set(['42P01', '42703', '42501']);
/** 28P01, 28000 (RDS): the role is missing, or has another login. */
const loginRefused = new Set(['28P01', '28000']);

/** Result of an operation, as JSON. */
export type OperationResult = Awaited<ReturnType<typeof perform>>;

/**
 * Runs an operation on one connection. Its role's statement timeout of 10 s bounds the wait for a lock.
 * @throws OperationMistake, KeyTaken, KeyRevoked, and TransientFailure `database_unavailable` or `statement_timeout`.
 */
export async function operate(
  database: Database,
  operation: Operation,
  settings: NextStepSettings,
  call: CallOptions,
): Promise<OperationResult> {
  try {
    return await database.run(async (connection) => perform(connection, operation, settings), call);
  } catch (error) {
    const state = causeState(error) ?? '';
    if (!otherSchema.has(state) && !loginRefused.has(state)) throw error;
    const why = otherSchema.has(state)
      ? 'the database schema is of another version'
      : 'the database refused the login of operate';
    throw new OperationMistake('not_migrated', `${why}: invoke migrate with {} first`, { cause: error });
  }
}

function perform(connection: Connection, operation: Operation, settings: NextStepSettings) {
  switch (operation.operation) {
    case 'listTenants':
      return tenants(connection, operation);
    case 'listKeys':
      return tenantKeys(connection, operation);
    case 'findKey':
      return findKey(connection, operation.key);
    case 'makeTenant':
      return makeTenant(connection, operation);
    case 'makeKey':
      return makeKey(connection, operation.tenant);
    case 'revokeKey':
      return revokeKey(connection, operation);
    case 'revokeAllKeys':
      return revokeAllKeys(connection, operation.tenant);
    case 'rotateKeys':
      return rotateKeys(connection, operation);
    case 'showImage':
      return showImage(connection, operation.image, settings);
    case 'listImages':
      return listImages(connection, operation, settings);
  }
}

async function tenants(connection: Connection, page: { after: string; limit: number }) {
  const found = await listTenants(connection, page);
  return { tenants: found, more: found.length === page.limit };
}

async function showImage(connection: Connection, imageId: string, settings: NextStepSettings) {
  const image = await inspectImage(connection, imageId);
  if (image === undefined)
    throw new OperationMistake(
      'image_unknown',
      `there is no row of the image ${imageId}: it never existed, or was deleted, or retention.rows has expired`,
    );
  return { image, next: nextStep(image, settings) };
}

async function listImages(
  connection: Connection,
  { tenant, which, limit }: Extract<Operation, { operation: 'listImages' }>,
  settings: NextStepSettings,
) {
  await requireTenant(connection, tenant);
  const images: Inspected[] =
    which === 'unfinished'
      ? await oldestUnfinished(connection, tenant, limit)
      : await newestEnded(connection, tenant, { status: which, limit });
  return {
    tenant,
    which,
    images: images.map((image) => ({ ...image, next: nextStep(image, settings) })),
    more: images.length === limit,
  };
}
