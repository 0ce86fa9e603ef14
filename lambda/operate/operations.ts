import type { CallOptions, Connection, Database } from '../postgres/connection/connection.ts';
import { causeState } from '../postgres/connection/failures.ts';
import {
  type Inspected,
  inspectImage,
  newestEnded,
  oldestUnfinished,
} from '../postgres/images/inspection.ts';
import { listTenants } from '../postgres/tenants/tenants.ts';
import { verifyAudit } from './audit.ts';
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
import { givePlan, listPlans, type PlanSettings, removePlan, setPlan, showUse } from './plans.ts';
import { showUsage } from './usage.ts';

/** 42P01 no table, 42703 no column, 42501 no grant: the schema is of another version. */
const otherSchema = new Set(['42P01', '42703', '42501']);
/** 28P01, 28000 (RDS): the role is missing, or has another login. */
const loginRefused = new Set(['28P01', '28000']);

/** Settings that operations read. */
export type OperateSettings = NextStepSettings & PlanSettings;

/**
 * Runs an operation on one connection. Its role's statement timeout of 10 s bounds the wait for a lock.
 * @throws OperationMistake, KeyTaken, KeyRevoked, and TransientFailure `database_unavailable` or `statement_timeout`.
 */
export async function operate(
  database: Database,
  operation: Operation,
  settings: OperateSettings,
  call: CallOptions,
): Promise<object> {
  const perform = operations[operation.operation] as Perform<Operation>;
  try {
    return await database.run((connection) => perform(connection, operation, settings), call);
  } catch (error) {
    const state = causeState(error) ?? '';
    if (!otherSchema.has(state) && !loginRefused.has(state)) throw error;
    const why = otherSchema.has(state)
      ? 'the database schema is of another version'
      : 'the database refused the login of operate';
    throw new OperationMistake('not_migrated', `${why}: invoke migrate with {} first`, { cause: error });
  }
}

type Perform<One extends Operation> = (
  connection: Connection,
  operation: One,
  settings: OperateSettings,
) => Promise<object>;

const operations: { [Name in Operation['operation']]: Perform<Extract<Operation, { operation: Name }>> } = {
  listTenants: tenants,
  listKeys: tenantKeys,
  findKey,
  makeTenant,
  makeKey,
  revokeKey,
  revokeAllKeys,
  rotateKeys,
  showImage,
  listImages,
  listPlans,
  setPlan,
  removePlan,
  givePlan,
  showUse,
  showUsage,
  verifyAudit,
};

async function tenants(connection: Connection, page: { after: string; limit: number }) {
  const found = await listTenants(connection, page);
  return { tenants: found, more: found.length === page.limit };
}

async function showImage(
  connection: Connection,
  { image: id }: { image: string },
  settings: NextStepSettings,
) {
  const image = await inspectImage(connection, id);
  if (image === undefined)
    throw new OperationMistake(
      'image_unknown',
      `there is no row of the image ${id}: it never existed, or was deleted, or retention.rows has expired`,
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
