import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { storageClient } from '../../../lambda/aws/storage-client.ts';
import { type Cloud, startCloud } from './cloud.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const bytes = Buffer.from('not really a picture');

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

describe('the signal of an invocation', () => {
  it('the signal ends a call without a response, as out_of_time', async () => {
    const silence = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silence, 'listening');
    const { port } = silence.address() as AddressInfo;
    const silent = storageClient({ endpoint: `http://127.0.0.1:${port}`, maxAttempts: 1, answerMs: 600_000 });
    const away = openBucket({ bucketName: 'pictures', client: silent });
    const object = { key: 'derived/a', bytes, contentType: 'image/png', sha256: sha256(bytes) };
    const calls = (signal: AbortSignal) => [
      away.headOriginal('k', signal),
      away.findFirstUpload('k', signal),
      away.getOriginal({ key: 'k' }, 1, signal),
      away.putOriginal(object, signal),
      away.putVariant(object, signal),
      away.findUploaded(['k'], signal),
      away.deleteVersion('k', 'v', signal),
      away.deleteAt(['derived/a/'], signal).then(({ error }) => Promise.reject(error)),
    ];
    const controller = new AbortController();
    const results = Promise.allSettled(calls(controller.signal));
    await once(silence, 'connection');
    controller.abort();
    for (const result of await results)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'out_of_time' } });
    silence.closeAllConnections();
    silence.close();
  });

  it('the signal ends a body that trickles in', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('x');
      response.on('close', () => server.emit('given up'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const slow = storageClient({ endpoint: `http://127.0.0.1:${port}`, maxAttempts: 1, answerMs: 600_000 });
    const controller = new AbortController();
    const read = openBucket({ bucketName: 'pictures', client: slow }).getOriginal(
      { key: 'k' },
      10_000,
      controller.signal,
    );
    const givenUp = once(server, 'given up');
    server.once('request', () => setImmediate(() => controller.abort()));
    await expect(read).rejects.toMatchObject({ code: 'out_of_time' });
    await givenUp;
    server.close();
  });
});
