import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { APIGatewayProxyResult } from 'aws-lambda';
import pg from 'pg';
import { type Api, createApi } from '../../../lambda/api/api.ts';
import type { ApiParts } from '../../../lambda/api/http/endpoint.ts';
import { lateBucket, lateQueue } from '../../../lambda/api/late-clients.ts';
import { silentNudges } from '../../../lambda/aws/nudges.ts';
import { openPresignedDelivery } from '../../../lambda/aws/presigned-delivery.ts';

import { openUploadForms } from '../../../lambda/aws/upload-forms.ts';
import type { Settings } from '../../../lambda/domain/settings.ts';
import { openAdmission } from '../../../lambda/policy/admission/admission.ts';
import type { Clock } from '../../../lambda/policy/quotas/account.ts';
import { openQuotas, type Quotas } from '../../../lambda/policy/quotas/quotas.ts';
import {
  keepOpen,
  type PersistentOptions,
} from '../../../lambda/postgres/connection/persistent-connection.ts';
import { postgresQuotas } from '../../../lambda/postgres/quotas/lease.ts';
import type { Log } from '../../../lambda/runtime/logger.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import type { ServerAddress } from '../../support/global-setup.ts';
import { recordMetrics } from '../../support/metrics.ts';
import { type Cloud, startCloud } from '../aws/cloud.ts';
import { apiEvent, type RequestOptions } from './events.ts';
import { settings } from './settings.ts';

export { settings };

/** Of the default presets, an image of a few bytes (lambda/policy/admission/work.ts). */
export const smallWork = 0.75;

/** Settings by which a tenant alone may have so many small images waiting. */
export function admitting(images: number): Pick<ApiParts, 'settings'> {
  // Four fifths of the capacity are one tenant's.
  const maxBacklogSeconds = ((images + 0.5) * smallWork) / 0.8;
  return { settings: { ...settings, admission: { maxBacklogSeconds, priorPerSecond: 1, slots: 10 } } };
}

/** A response of the API with its body. */
export interface ApiResponse {
  status: number;
  headers: Record<string, string>;
  text: string;
  // Tests parse the body with its schema where they read it.
  json: Record<string, unknown> & { id: string; code?: string };
}

export interface TestApi {
  cloud: Cloud;
  database: TestDatabase;
  /** API keys by tenant. */
  keys: { acme: string; other: string };
  lines: { message: string; fields: unknown }[];
  sql<Row>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Forgets other environments, which count as alive for a minute, and what they shared; the next snapshot is new. */
  forgetEnvironments(): Promise<void>;
  /** Another environment of the API with its own connection and memory. */
  environment(changes?: Partial<ApiParts>): Environment;
  close(): Promise<void>;
}
export interface Environment {
  parts: ApiParts;
  handle: Api;
  /** Sends a request, with acme's key unless another is given. */
  call(method: string, path: string, options?: RequestOptions): Promise<ApiResponse>;
}

/** The API with a real Postgres, S3 and SQS, two tenants and a folder for the page. @param server default: that of the run */
export async function openTestApi(server?: ServerAddress): Promise<TestApi> {
  const [cloud, database] = await Promise.all([startCloud(), createDatabase(server)]);
  const { host, port, user, password, name } = database;
  const superuser = new pg.Client({ host, port, user, password, database: name });
  // It ends with its server.
  superuser.on('error', () => undefined);
  await superuser.connect();
  const sql: TestApi['sql'] = async <Row>(text: string, values: unknown[] = []) =>
    (await superuser.query(text, values)).rows as Row[];
  const keys = { acme: '', other: '' };
  for (const tenant of ['acme', 'other'] as const) {
    keys[tenant] = `sluice_${randomBytes(32).toString('base64url')}`;
    const sha256 = createHash('sha256').update(keys[tenant]).digest();
    await sql('insert into tenant (id) values ($1)', [tenant]);
    await sql('insert into api_key (sha256, tenant_id) values ($1, $2)', [sha256, tenant]);
  }
  const lines: TestApi['lines'] = [];
  const write = (message: string, fields?: unknown) => void lines.push({ message, fields });
  const log: Log = { debug: write, info: write, warn: write, error: write, remember() {}, forget() {} };
  const consoleRoot = mkdtempSync(join(tmpdir(), 'sluice-console-'));
  const opened: ApiParts['database'][] = [];

  function environment(changes: Partial<ApiParts> = {}): Environment {
    const opening = changes.database ?? openDatabase(database);
    const parts: ApiParts = {
      settings,
      database: opening,
      bucket: lateBucket(cloud.bucketName),
      queue: lateQueue(cloud.queueUrl),
      deliveryResults: { send: async () => new Map() },
      nudges: silentNudges,
      delivery: openPresignedDelivery({ bucketName: cloud.bucketName }),
      uploadForms: openUploadForms({ bucketName: cloud.bucketName }),
      admission: openAdmission((changes.settings ?? settings).admission, () => performance.now()),
      quotas: quotasOf(opening, changes.settings),
      log,
      metrics: recordMetrics().metrics,
      pause: setTimeout,
      consoleRoot,
      ...changes,
    };
    opened.push(parts.database);
    const handle = createApi(parts);
    const call: Environment['call'] = async (method, path, options = {}) =>
      decode(await handle(apiEvent(method, path, { key: keys.acme, ...options })));
    return { parts, handle, call };
  }

  return {
    cloud,
    database,
    keys,
    lines,
    sql,
    environment,
    async forgetEnvironments() {
      const sessions = `from pg_stat_activity where usename = 'sluice_api' and datname = current_database()`;
      await sql(`select pg_terminate_backend(pid, 5000) ${sessions}`);
      await sql('delete from backlog_turns');
      await sql(`update backlog_roll_up set rolled_at = rolled_at - interval '1 second'`);
    },
    async close() {
      await Promise.all(opened.map((one) => one.close()));
      await superuser.end();
      await Promise.all([cloud.stop(), database.drop()]);
      rmSync(consoleRoot, { recursive: true });
    },
  };
}

/** Access to the database as the role of api; another `port` makes it unavailable. */
export function openDatabase(
  { host, name, rolesPassword, port }: TestDatabase,
  more: Partial<PersistentOptions> = {},
): ApiParts['database'] {
  return keepOpen({
    environment: {
      DATABASE_HOST: host,
      DATABASE_PORT: port,
      DATABASE_NAME: name,
      DATABASE_USER: 'sluice_api',
      DATABASE_AUTH: 'password',
      DATABASE_TLS: 'off',
      DATABASE_PREPARED_STATEMENTS: 'named',
    },
    password: async () => rolesPassword,
    applicationName: 'sluice-api',
    patienceMs: 0,
    ...more,
  });
}

/** The quotas of an environment in the database. */
export function quotasOf(
  database: ApiParts['database'],
  { plans, limits }: Pick<Settings, 'plans' | 'limits'> = settings,
  clock: Clock = () => ({ monotonic: performance.now() / 1000, wall: Date.now() / 1000 }),
): Quotas {
  return openQuotas({ store: postgresQuotas(database), plans, limits, clock });
}

export function decode(result: APIGatewayProxyResult): ApiResponse {
  const headers = Object.fromEntries(
    Object.entries(result.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
  const text = Buffer.from(result.body, result.isBase64Encoded ? 'base64' : 'utf8').toString('utf8');
  const isJson = text !== '' && (headers['Content-Type'] ?? '').includes('json');
  return { status: result.statusCode, headers, text, json: isJson ? JSON.parse(text) : { id: '' } };
}
