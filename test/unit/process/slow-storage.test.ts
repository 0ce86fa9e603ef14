import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { patience } from '../../support/pace.ts';
import { smallPhoto } from '../../support/pictures.ts';
import { readImage } from '../postgres/rows.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.close());

type Trouble = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

const troubles: Record<string, Trouble> = {
  'sends a byte now and then': (_, outgoing) => {
    outgoing.writeHead(200, { 'content-length': 100_000 });
    const timer = setInterval(() => outgoing.write('x'), 50);
    outgoing.on('close', () => clearInterval(timer));
  },
  'takes the request and never answers': () => undefined,
  'closes the connection each time': (incoming) => incoming.socket.destroy(),
};

/** Stands before S3 and makes trouble about one image; everything else passes. */
async function standBefore(imageId: string, trouble: Trouble): Promise<string> {
  const upstream = new URL(workshop.cloud.endpoint);
  const server = createServer((incoming, outgoing) => {
    if (incoming.url?.includes(imageId)) return trouble(incoming, outgoing);
    const { method, url: path, headers } = incoming;
    const passed = request(
      { host: upstream.hostname, port: upstream.port, method, path, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
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

it.each(Object.entries(troubles))(
  'a storage that %s about one image affects no other, and the invocation ends by itself',
  async (_, trouble) => {
    const photo = await smallPhoto(1);
    const [slow, good] = [await workshop.upload(photo), await workshop.upload(photo)];
    for (const id of [slow, good]) await workshop.sendJob(id);
    const endpoint = await standBefore(slow, trouble);
    const client = new S3Client({ endpoint, forcePathStyle: true, maxAttempts: 2 });
    onTestFinished(() => client.destroy());
    const records = await workshop.receive();
    // As long as a busy machine needs for the good one.
    const ends = Date.now() + patience(3_000);
    const failed = await workshop.deliver(records, {
      bucket: openBucket({ bucketName: workshop.cloud.bucketName, client }),
      remaining: () => ends - Date.now(),
    });
    expect(Date.now()).toBeLessThan(ends);
    expect(failed).toEqual(
      records.filter(({ body }) => body.includes(slow)).map(({ messageId }) => messageId),
    );
    expect(await readImage(workshop.bench.admin, good)).toMatchObject({ status: 'ready' });
    expect(await readImage(workshop.bench.admin, slow)).toMatchObject({ status: 'queued', failures: 0 });
  },
);
