import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import { buildLocally } from '../../../local/build.ts';
import { LambdaHost } from '../../../local/lambda/host.ts';
import { ProcessRegistry } from '../../../local/processes/registry.ts';
import { patience } from '../../support/pace.ts';
import { draw, noise } from '../imaging/fixtures.ts';
import { openTestWorker, type TestWorker } from './test-worker.ts';

/* The built function, started as in Lambda: it installs its guards. */
describe('the built worker', () => {
  let home: string;
  let folder: string;
  let testWorker: TestWorker;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'sluice-start-'));
    const built = await buildLocally({
      config: resolveConfig({ presets: { small: { width: 2000, height: 2000, formats: ['avif'] } } }),
      projectRoot: resolve(import.meta.dirname, '../../..'),
      outDir: join(home, 'functions'),
      onProgress: () => undefined,
    });
    folder = built.functions.process.folder;
    testWorker = await openTestWorker();
  });
  afterAll(async () => {
    await testWorker?.close();
    rmSync(home, { recursive: true, force: true });
  });

  /** Starts it with the services of the test worker. @returns a function that invokes it */
  async function start(environment: Record<string, string> = {}) {
    const host = await LambdaHost.start({
      registry: new ProcessRegistry(join(home, 'run'), home),
      logFolder: join(home, 'logs'),
      workFolder: join(home, 'work'),
    });
    onTestFinished(() => host.stop());
    const { address } = testWorker.db;
    host.add({
      name: 'process',
      folder,
      timeoutSeconds: Math.ceil(patience(30)),
      memoryMb: 1769,
      environment: {
        DATABASE_HOST: address.host,
        DATABASE_PORT: String(address.port),
        DATABASE_NAME: address.name,
        DATABASE_USER: 'sluice_process',
        DATABASE_AUTH: 'password',
        DATABASE_PASSWORD: address.rolesPassword,
        DATABASE_TLS: 'off',
        DATABASE_PREPARED_STATEMENTS: 'named',
        BUCKET_NAME: testWorker.cloud.bucketName,
        JOBS_QUEUE_URL: testWorker.cloud.queueUrl,
        DEAD_LETTERS_QUEUE_URL: testWorker.cloud.deadLettersUrl,
        NUDGES_QUEUE_URL: testWorker.cloud.nudgesUrl,
        METRICS_PIPELINE: 'test',
        AWS_ENDPOINT_URL_S3: testWorker.cloud.endpoint,
        AWS_ENDPOINT_URL_SQS: testWorker.cloud.queueEndpoint,
        AWS_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        ...environment,
      },
    });
    return (event: unknown) => host.invoke('process', event);
  }

  /** Uploads a picture whose decode takes 80 MB or more, and invokes the function with its message. */
  async function processedBy(invoke: (event: unknown) => Promise<unknown>) {
    const picture = await draw(noise(2000, 1200)).png().toBuffer();
    const id = await testWorker.upload(picture);
    await testWorker.sendJob(id);
    const response = await invoke({ Records: await testWorker.receive() });
    const { rows } = await testWorker.db.admin.query('select status, error_code from image where id = $1', [
      id,
    ]);
    return { response, ...rows[0] };
  }

  it('the built worker makes images, and nudges the relay', async () => {
    expect(await processedBy(await start())).toMatchObject({
      response: { ok: true, payload: '{"batchItemFailures":[]}' },
      status: 'ready',
    });
    expect(testWorker.cloud.server.inspectQueue('Nudges')?.messages.ready).toHaveLength(1);
  });

  it('the built worker ends a sandbox that exceeds its share of the memory, before Lambda would end both', async () => {
    // Its share of 128 MB is 77 MB, less than its start takes.
    expect(await processedBy(await start({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128' }))).toMatchObject({
      response: { ok: true, payload: '{"batchItemFailures":[]}' },
      status: 'rejected',
      error_code: 'decoder_crashed',
    });
  });

  it('the built worker does not start in a shared environment', async () => {
    const invoke = await start({ AWS_LAMBDA_MAX_CONCURRENCY: '10' });
    expect(await invoke({ Records: [] })).toMatchObject({ ok: false, error: { errorType: 'NotAlone' } });
  });
});
