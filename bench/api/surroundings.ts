import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import pg from 'pg';
import { type Api, createApi } from '../../lambda/api/api.ts';
import { silentNudges } from '../../lambda/aws/nudges.ts';
import { openPresignedDelivery } from '../../lambda/aws/presigned-delivery.ts';
import { openUploadForms } from '../../lambda/aws/upload-forms.ts';
import { openAdmission } from '../../lambda/policy/admission/admission.ts';
import { openQuotas } from '../../lambda/policy/quotas/quotas.ts';
import type { Database } from '../../lambda/postgres/connection/connection.ts';
import { keepOpen } from '../../lambda/postgres/connection/persistent-connection.ts';
import { postgresQuotas } from '../../lambda/postgres/quotas/lease.ts';
import { silentMetrics } from '../../lambda/runtime/metrics.ts';
import { settingsOf } from '../../lib/bundling/settings.ts';
import { resolveConfig } from '../../lib/config/resolve.ts';
import { openDatabase } from '../sweep/open-database.ts';

/** A session's keys, as Lambda has: the token is in every signed URL and form. */
const credentials = {
  accessKeyId: 'ASIABENCHBENCHBENCHB',
  secretAccessKey: 'secret/of/the/benchmark/and/nothing/else',
  sessionToken: `IQoJb3JpZ2luX2Vj${'A1b/+='.repeat(150)}`,
};
export const bucketName = 'pictures';
const key = 'sluice_bench';
const silent = () => undefined;

/** An environment of the API in this process, with a Postgres in another, and the SDK's client for the comparison. */
export interface Surroundings {
  client: S3Client;
  /** Sends a request of the tenant. @throws Error for any status but `status` */
  call(method: string, resource: string, options: CallOptions): Promise<APIGatewayProxyResult>;
  /** Statements since the start. */
  statements(): number;
  /** Inserts a ready image with six variants. @returns its id */
  readyImage(): Promise<string>;
  close(): Promise<void>;
}
interface CallOptions {
  status: number;
  id?: string;
  body?: object;
}

export async function openSurroundings(): Promise<Surroundings> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-api-'));
  const database = await openDatabase(folder);
  const admin = new pg.Client(database.address);
  await admin.connect();
  await admin.query("insert into tenant (id) values ('acme')");
  await admin.query('insert into api_key (sha256, tenant_id) values ($1, $2)', [
    createHash('sha256').update(key).digest(),
    'acme',
  ]);
  const client = new S3Client({
    region: 'eu-central-1',
    credentials,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const counted = { statements: 0 };
  const { host, port, database: name } = database.address;
  const opened = keepOpen({
    environment: {
      DATABASE_HOST: host,
      DATABASE_PORT: port,
      DATABASE_NAME: name,
      DATABASE_USER: 'sluice_api',
      DATABASE_AUTH: 'password',
      DATABASE_TLS: 'off',
      DATABASE_PREPARED_STATEMENTS: 'named',
    },
    password: async () => 'bench',
    applicationName: 'sluice-bench',
  });
  const settings = settingsOf(
    resolveConfig({ presets: { large: { width: 1600 }, medium: { width: 800 }, small: { width: 320 } } }),
    {},
  );
  const handle: Api = createApi({
    settings,
    database: counting(opened, counted),
    bucket: { headOriginal: async () => undefined, putOriginal: async () => undefined },
    queue: { sendJobs: async () => [] },
    deliveryResults: { send: async () => new Map() },
    nudges: silentNudges,
    delivery: openPresignedDelivery({ bucketName, client }),
    uploadForms: openUploadForms({ bucketName, client }),
    admission: openAdmission({ ...settings.admission, maxBacklogSeconds: 1e9 }, () => performance.now()),
    quotas: openQuotas({
      store: postgresQuotas(opened),
      plans: settings.plans,
      limits: settings.limits,
      clock: () => ({ monotonic: performance.now() / 1000, wall: Date.now() / 1000 }),
    }),
    log: { debug: silent, info: silent, warn: silent, error: silent, remember: silent, forget: silent },
    metrics: silentMetrics,
    pause: async () => undefined,
    consoleRoot: folder,
  });

  return {
    client,
    async call(method, resource, { status, id, body }) {
      const result = await handle(eventOf(method, resource, { id, body }));
      if (result.statusCode !== status) throw new Error(`${method} ${resource}: ${result.body}`);
      return result;
    },
    statements: () => counted.statements,
    async readyImage() {
      const { rows } = await admin.query<{ id: string }>(
        `insert into image (id, tenant_id, status, declared_type, declared_bytes, content_type, bytes, width, height, frames,
           placeholder, presets, ticket_expires_at)
         values (gen_random_uuid(), 'acme', 'ready', 'image/jpeg', 3000000, 'image/jpeg', 3000000, 4000, 3000, 1,
           '{"color": "#336699"}', '{large,medium,small}', now()) returning id`,
      );
      const id = rows[0]?.id ?? '';
      await admin.query(
        `insert into variant (image_id, preset, format, content_type, width, height, frames, bytes, sha256, key)
         select $1::uuid, preset, format, 'image/' || format, 1600, 1200, 1, 200000, repeat('ab', 32),
           'derived/acme/' || $1 || '/' || preset || '-' || repeat('ab', 16) || '.' || format
         from unnest('{large,medium,small}'::text[]) preset, unnest('{webp,jpeg}'::text[]) format`,
        [id],
      );
      return id;
    },
    async close() {
      client.destroy();
      await Promise.all([admin.end(), opened.close()]);
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function counting(database: Database, count: { statements: number }): Database {
  return {
    ...database,
    run: (work, options) =>
      database.run(
        (connection) =>
          work({
            ...connection,
            query: (text, values) => {
              count.statements += 1;
              return connection.query(text, values);
            },
          }),
        options,
      ),
  };
}

function eventOf(
  method: string,
  resource: string,
  { id, body }: { id: string | undefined; body: object | undefined },
): APIGatewayProxyEvent {
  const path = resource.replace('{id}', id ?? '');
  return {
    resource,
    path,
    httpMethod: method,
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: id === undefined ? null : { id },
    body: body === undefined ? null : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: { requestId: '00000000-0000-4000-8000-000000000000', path: `/prod${path}` },
  } as unknown as APIGatewayProxyEvent;
}
