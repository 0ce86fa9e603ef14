import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { storageClient } from '../../../lambda/aws/storage-client.ts';
import { patience } from '../../support/pace.ts';
import { smallPhoto } from '../../support/pictures.ts';
import { readImage } from '../postgres/rows.ts';
import { openTestWorker, type TestWorker } from './test-worker.ts';

let testWorker: TestWorker;
beforeAll(async () => {
  testWorker = await openTestWorker();
});
afterAll(() => testWorker.close());

type Fault = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

const faults: Record<string, Fault> = {
  'sends a byte now and then': (_, outgoing) => {
    outgoing.writeHead(200, { 'content-length': 100_000 });
    const timer = setInterval(() => outgoing.write('x'), 50);
    outgoing.on('close', () => clearInterval(timer));
  },
  'accepts the request and never responds': () => undefined,
  'closes the connection each time': (incoming) => incoming.socket.destroy(),
};

/** A proxy to S3 that fails for one image. */
async function openProxy(imageId: string, fault: Fault): Promise<string> {
  const upstream = new URL(testWorker.cloud.endpoint);
  const server = createServer((incoming, outgoing) => {
    if (incoming.url?.includes(imageId)) return fault(incoming, outgoing);
    const { method, url: path, headers } = incoming;
    const passed = request(
      { host: upstream.hostname, port: upstream.port, method, path, headers },
      (response) => {
        outgoing.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(outgoing);
      },
    );
    incoming.pipe(passed);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it.each(Object.entries(faults))(
  'a storage that %s about one image affects no other, and the invocation ends by itself',
  async (_, fault) => {
    const photo = await smallPhoto(1);
    const [slow, good] = [await testWorker.upload(photo), await testWorker.upload(photo)];
    for (const id of [slow, good]) await testWorker.sendJob(id);
    const endpoint = await openProxy(slow, fault);
    const client = storageClient({ endpoint, maxAttempts: 2, answerMs: 600_000 });
    onTestFinished(() => client.destroy());
    const records = await testWorker.receive();
    // Enough for the good image on a busy machine.
    const ends = Date.now() + patience(3_000);
    const failed = await testWorker.deliver(records, {
      bucket: openBucket({ bucketName: testWorker.cloud.bucketName, client }),
      remaining: () => ends - Date.now(),
    });
    expect(Date.now()).toBeLessThan(ends);
    expect(failed).toEqual(
      records.filter(({ body }) => body.includes(slow)).map(({ messageId }) => messageId),
    );
    expect(await readImage(testWorker.db.admin, good)).toMatchObject({ status: 'ready' });
    expect(await readImage(testWorker.db.admin, slow)).toMatchObject({ status: 'queued', failures: 0 });
  },
);
