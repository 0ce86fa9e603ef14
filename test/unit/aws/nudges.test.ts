import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openNudges } from '../../../lambda/aws/nudges.ts';
import { type Cloud, startCloud } from './cloud.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());
beforeEach(() => cloud.server.reset());

const queued = () => {
  const { ready = [], delayed = [] } = cloud.server.inspectQueue('Nudges')?.messages ?? {};
  return { ready: ready.length, delayed: delayed.length };
};

it('nudges reach the queue: the first at once, those of the next 250 ms as one with a delay', async () => {
  let now = 0;
  const nudges = openNudges({ queueUrl: cloud.nudgesUrl, clock: () => now });
  await nudges.settled();
  nudges.send();
  await nudges.settled();
  expect(queued()).toEqual({ ready: 1, delayed: 0 });
  for (now = 10; now < 250; now += 10) nudges.send();
  await nudges.settled();
  expect(queued()).toEqual({ ready: 1, delayed: 1 });
});

it('a queue that refuses is reported, never thrown, and the next event tries again', async () => {
  const trouble: unknown[] = [];
  const nudges = openNudges({
    queueUrl: `${cloud.nudgesUrl}-missing`,
    clock: () => 0,
    onTrouble: (error) => trouble.push(error),
  });
  nudges.send();
  await nudges.settled();
  nudges.send();
  await nudges.settled();
  expect(trouble).toHaveLength(2);
  expect(trouble[0]).toMatchObject({ name: expect.stringMatching(/QueueDoesNotExist|NonExistentQueue/) });
});

it('a queue that does not respond is given up after two tries', async () => {
  let connections = 0;
  const server = createServer(() => {
    connections += 1;
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const before = process.env.AWS_ENDPOINT_URL;
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const trouble: unknown[] = [];
  const nudges = openNudges({ queueUrl: cloud.nudgesUrl, onTrouble: (error) => trouble.push(error) });
  process.env.AWS_ENDPOINT_URL = before;
  nudges.send();
  await nudges.settled();
  server.close();
  expect(trouble).toMatchObject([{ name: 'TimeoutError' }]);
  expect(connections).toBe(2);
});
