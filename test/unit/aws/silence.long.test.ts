import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { queueClient } from '../../../lambda/aws/queue-client.ts';
import { storageClient } from '../../../lambda/aws/storage-client.ts';
import { freeze } from '../../support/freeze.ts';
import { patience } from '../../support/pace.ts';

/* Servers that take a request and never come to an end with it. An invocation must not wait until Lambda kills it. */

let server: Server;
const sockets = new Set<Socket>();

beforeAll(async () => {
  server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('data', (request) => void answer(socket, String(request)));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  for (const [name, value] of Object.entries({
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  }))
    vi.stubEnv(name, value);
  useEndpoint((server.address() as AddressInfo).port);
});
afterAll(() => {
  vi.unstubAllEnvs();
  for (const socket of sockets) socket.destroy();
  server.close();
});

function useEndpoint(port: number): void {
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`);
}

/** Some of the body and no more, or a head that is never complete although bytes of it keep coming. */
async function answer(socket: Socket, request: string): Promise<void> {
  if (request.startsWith('GET')) {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nsome of it');
    return;
  }
  socket.write('HTTP/1.1 200 OK\r\nx-endless: ');
  while (!socket.destroyed) {
    socket.write('a');
    await pause(250);
  }
}

/** Fails where the call takes more than three times as long as it may. */
async function endsWithin(ms: number, call: Promise<unknown>): Promise<unknown> {
  const over = pause(patience(3 * ms), 'waits', { ref: false });
  return Promise.race([
    call.then(
      () => 'answered',
      ({ name, message }: Error) => `${name}: ${message}`,
    ),
    over,
  ]);
}

describe.concurrent('a server that never completes a response', () => {
  it('S3 has 4 s per attempt for the head of a response', async () => {
    const client = storageClient({ maxAttempts: 1 });
    const call = client.send({ operation: 'HeadObject', bucketName: 'pictures', key: 'k' });
    // The limit of the connection, which is shorter, ended when it was made.
    expect(await endsWithin(4_000, call)).toMatch(/^TimeoutError: no response within/);
    client.destroy();
  });

  it('S3 has 4 s for the next bytes of a body', async () => {
    const client = storageClient({ maxAttempts: 1 });
    const read = async () => {
      const { body } = await client.open({ operation: 'GetObject', bucketName: 'pictures', key: 'k' });
      await body.toArray();
    };
    expect(await endsWithin(4_000, read())).not.toMatch(/^(?:answered|waits)$/);
    client.destroy();
  });

  it('SQS has 2 s for a response, three times', async () => {
    const client = queueClient();
    const QueueUrl = `${process.env.AWS_ENDPOINT_URL}/000000000000/jobs`;
    const call = client.send(new GetQueueAttributesCommand({ QueueUrl }));
    expect(await endsWithin(6_000, call)).toMatch(/^TimeoutError/);
    client.destroy();
  });
});

describe.runIf(process.platform === 'linux')('a server that accepts no connection', () => {
  it('S3 and SQS have 1 s per attempt to accept a connection', async () => {
    const port = await deaf();
    useEndpoint(port);
    const storage = storageClient({ maxAttempts: 1 });
    const queue = queueClient();
    const QueueUrl = `http://127.0.0.1:${port}/000000000000/jobs`;
    const calls = [
      endsWithin(1_000, storage.send({ operation: 'HeadObject', bucketName: 'pictures', key: 'k' })),
      endsWithin(3_000, queue.send(new GetQueueAttributesCommand({ QueueUrl }))),
    ];
    // By a limit of its own: that of the answer, which begins later, would end it too.
    const ended = expect.stringMatching(/^TimeoutError: .* connection .* timeout of 1000 ms/);
    expect(await Promise.all(calls)).toEqual([ended, ended]);
    storage.destroy();
    queue.destroy();
  });
});

/** A port whose process is stopped and whose queue of connections is full: the kernel leaves the next ones without an answer. */
async function deaf(): Promise<number> {
  const script = `const server = require('node:net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  await freeze(child.pid);
  const port = Number(line);
  for (;;) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
    const connected = await Promise.race([
      once(socket, 'connect').then(() => true),
      pause(patience(200), false),
    ]);
    if (!connected) return port;
  }
}
