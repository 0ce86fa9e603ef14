import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { openExportFiles } from '../../../lambda/aws/export-files.ts';
import { openQueue } from '../../../lambda/aws/queue.ts';
import { queueClient } from '../../../lambda/aws/queue-client.ts';
import { storageClient } from '../../../lambda/aws/storage-client.ts';
import type { Dependencies } from '../../../lambda/sweep/dependencies.ts';
import { createHandler, type SweepReport } from '../../../lambda/sweep/handler.ts';
import { terms } from '../../../lambda/sweep/turns.ts';
import { recordMetrics } from '../../support/metrics.ts';
import { startCloud } from '../aws/cloud.ts';
import { sdkStorage } from '../aws/sdk-storage.ts';
import { insertImage, openTestDb, readImage } from '../postgres/rows.ts';
import { invocation, recordingLog } from '../process/test-worker.ts';

/** Response of a proxy: a document, none ever, or that of the server behind it. */
type Reply = (body: string, call: IncomingMessage) => string | undefined | 'silence';

export const ago = (interval: string) => `now() - interval '${interval}'`;

/** The sweep with a real Postgres, S3 and SQS. */
async function openTestSweep() {
  const db = await openTestDb();
  const cloud = await startCloud();
  const s3 = sdkStorage();
  const sqs = queueClient();
  const log = recordingLog();
  const { metrics, recorded } = recordMetrics();
  const bucket = openBucket({ bucketName: cloud.bucketName });
  const exportFiles = openExportFiles({ bucketName: cloud.bucketName });
  const dependencies: Dependencies = {
    database: db.as('sluice_sweep'),
    bucket,
    exportFiles,
    exportDays: 7,
    idempotencySeconds: 86_400,
    queue: openQueue({ queueUrl: cloud.queueUrl, client: sqs }),
    retention: { expiredDays: 1, supersededDays: 1, rejectedDays: 30, failedDays: 30 },
    eventKeepDays: 7,
    deliveryKeepDays: 14,
    completionsPerSweep: 120,
    replacedSeconds: 4_500,
    log,
    metrics,
  };
  const closers = [() => db.close(), () => cloud.stop()];
  /** The address of a server before another one. */
  async function before(endpoint: string, replyTo: Reply): Promise<string> {
    const server = createServer((call, response) => void serve(call, response));
    const serve = async (call: IncomingMessage, response: ServerResponse) => {
      const parts: Buffer[] = [];
      for await (const part of call) parts.push(part as Buffer);
      const body = Buffer.concat(parts);
      const reply = replyTo(body.toString(), call);
      if (reply === 'silence') return;
      if (reply !== undefined) {
        response.writeHead(200, { 'content-type': 'application/xml' }).end(reply);
        return;
      }
      const { method, headers, url } = call;
      const forwarded = request(new URL(url ?? '/', endpoint), { method, headers }, (upstream) => {
        response.writeHead(upstream.statusCode ?? 500, upstream.headers);
        upstream.pipe(response);
      });
      forwarded.end(body);
    };
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.unshift(async () => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  return {
    db,
    cloud,
    bucket,
    exportFiles,
    sqs,
    log,
    recorded,
    dependencies,
    sweep: (more: Partial<Dependencies> = {}, remaining = 300_000, limits = terms): Promise<SweepReport> =>
      createHandler({ ...dependencies, ...more }, limits)(
        {},
        invocation(() => remaining),
      ),
    image: (status: string, sql: Record<string, string> = {}, values: Record<string, unknown> = {}) =>
      insertImage(db.admin, { values: { status, ...values }, sql }),
    row: (id: string) => readImage(db.admin, id),
    put: async (Key: string): Promise<string> => {
      const command = new PutObjectCommand({ Bucket: cloud.bucketName, Key, Body: 'something' });
      return (await s3.send(command)).VersionId ?? 'null';
    },
    /** Images that have a message on the queue. */
    enqueued: () =>
      (cloud.server.inspectQueue(cloud.queueName)?.messages.ready ?? []).map(
        ({ body }) => (JSON.parse(body) as { imageId: string }).imageId,
      ),
    /** A bucket behind a proxy that responds by itself or forwards. */
    async bucketBehind(replyTo: Reply) {
      const client = storageClient({
        endpoint: await before(cloud.endpoint, replyTo),
        maxAttempts: 1,
        // The duties end by limits of their own.
        answerMs: 600_000,
      });
      closers.unshift(async () => client.destroy());
      return openBucket({ bucketName: cloud.bucketName, client });
    },
    /** The same of the queue. */
    async queueBehind(replyTo: Reply) {
      const endpoint = await before(`http://127.0.0.1:${cloud.server.port}`, replyTo);
      const client = new SQSClient({ endpoint, useQueueUrlAsEndpoint: false, maxAttempts: 1 });
      closers.unshift(async () => client.destroy());
      return openQueue({ queueUrl: cloud.queueUrl, client });
    },
    async close() {
      s3.destroy();
      sqs.destroy();
      for (const close of closers) await close();
    },
  };
}
type TestSweep = Awaited<ReturnType<typeof openTestSweep>>;

/**
 * The sweep for the tests of a file; each begins without images, messages and metrics. The members of `testSweep` exist from
 * `beforeAll` on, and the functions next to it are its own.
 */
export function useTestSweep() {
  const testSweep = {} as TestSweep;
  beforeAll(async () => {
    Object.assign(testSweep, await openTestSweep());
  });
  afterAll(() => testSweep.close());
  beforeEach(async () => {
    testSweep.cloud.server.reset();
    testSweep.recorded.length = 0;
    await testSweep.db.admin.query('truncate image, idempotency_key cascade');
  });
  const sweep: TestSweep['sweep'] = (...args) => testSweep.sweep(...args);
  const image: TestSweep['image'] = (...args) => testSweep.image(...args);
  const put = (key: string) => testSweep.put(key);
  const row = (id: string) => testSweep.row(id);
  const enqueued = () => testSweep.enqueued();
  return { testSweep, sweep, image, put, row, enqueued };
}
