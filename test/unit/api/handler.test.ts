import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { apiEvent } from './events.ts';
import { expectProblem } from './problems.ts';
import { decode, openTestApi, settings, type TestApi } from './test-api.ts';

type Handler<Event, Result> = (event: Event, context: Context) => Promise<Result>;
const context = { awsRequestId: 'r', getRemainingTimeInMillis: () => 15_000 } as Context;

let testApi: TestApi;
let folder: string;
beforeAll(async () => {
  testApi = await openTestApi();
  folder = mkdtempSync(join(tmpdir(), 'sluice-task-'));
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings));
  const variables = {
    LAMBDA_TASK_ROOT: folder,
    DATABASE_HOST: testApi.database.host,
    DATABASE_PORT: String(testApi.database.port),
    DATABASE_NAME: testApi.database.name,
    DATABASE_USER: 'sluice_api',
    DATABASE_AUTH: 'password',
    DATABASE_PASSWORD: testApi.database.rolesPassword,
    DATABASE_TLS: 'off',
    DATABASE_PREPARED_STATEMENTS: 'named',
    BUCKET_NAME: testApi.cloud.bucketName,
    JOBS_QUEUE_URL: testApi.cloud.queueUrl,
    NUDGES_QUEUE_URL: testApi.cloud.nudgesUrl,
    DELIVERY_RESULTS_QUEUE_URL: testApi.cloud.nudgesUrl,
    METRICS_PIPELINE: 'test',
    POWERTOOLS_DEV: 'false',
    LOG_LEVEL: 'SILENT',
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await testApi.close();
  rmSync(folder, { recursive: true });
});

describe('the handler of `api`, created from its environment alone', () => {
  const send = async (event: APIGatewayProxyEvent) => {
    const { handler } = await import('../../../lambda/api/index.ts');
    return decode(await (handler as Handler<APIGatewayProxyEvent, APIGatewayProxyResult>)(event, context));
  };

  it('the handler accepts, returns and deletes an image', async () => {
    const key = testApi.keys.acme;
    const headers = { 'Content-Type': 'image/png' };
    const taken = await send(apiEvent('POST', '/v1/images', { key, headers, body: Buffer.from('image') }));
    expect(taken.status).toBe(202);
    const path = `/v1/images/${taken.json.id}`;
    expect((await send(apiEvent('GET', path, { key }))).json.status).toBe('queued');
    expect((await send(apiEvent('DELETE', path, { key }))).status).toBe(202);
    expectProblem(await send(apiEvent('GET', path, { key })), 404, 'not_found');
  });

  it('the handler issues a ticket', async () => {
    const body = { contentType: 'image/jpeg', bytes: 5 };
    const response = await send(apiEvent('POST', '/v1/images', { key: testApi.keys.acme, body }));
    expect(response.status).toBe(201);
  });
});

it('the handler of `enqueue` sends a job for an event', async () => {
  const { handler } = await import('../../../lambda/enqueue/index.ts');
  const before = testApi.cloud.server.inspectQueue(testApi.cloud.queueName)?.messages.ready.length ?? 0;
  const key = 'incoming/acme/0190a0a0-0000-7000-8000-000000000000';
  const event = { Records: [{ eventName: 'ObjectCreated:Post', s3: { object: { key } } }] };
  await (handler as Handler<unknown, void>)(event, context);
  expect(testApi.cloud.server.inspectQueue(testApi.cloud.queueName)?.messages.ready).toHaveLength(before + 1);
});
