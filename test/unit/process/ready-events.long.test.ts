import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { lateReadyEvents } from '../../../lambda/process/late-clients.ts';
import { patience } from '../../support/pace.ts';
import { smallPhoto } from '../../support/pictures.ts';
import { type EventBus, startEventBus } from '../aws/event-bus.ts';
import { readImage } from '../postgres/rows.ts';
import { openTestWorker, type TestWorker } from './test-worker.ts';

/* A ready image is announced after its row is written and before its message is acknowledged: at least once. */
let testWorker: TestWorker;
let bus: EventBus;
let photo: Buffer;
beforeAll(async () => {
  testWorker = await openTestWorker();
  bus = await startEventBus();
  photo = await smallPhoto(1);
});
afterAll(async () => {
  bus.stop();
  await testWorker.close();
});
afterEach(() => {
  testWorker.cloud.server.reset();
  Object.assign(bus, { mood: 'takes', taken: [], calls: [] });
});

const status = async (id: string) => (await readImage(testWorker.db.admin, id)).status;
/** Delivers the visible messages. Those that fail are visible again at once. */
const deliver = async (more: Parameters<TestWorker['deliver']>[1] = {}) =>
  testWorker.deliver(await testWorker.receive(), {
    readyEvents: lateReadyEvents('default', testWorker.cloud.bucketName),
    random: () => 0,
    ...more,
  });
async function sent(bytes: Uint8Array | undefined, values: Record<string, unknown> = {}): Promise<string> {
  const id = await testWorker.upload(bytes, values);
  await testWorker.sendJob(id);
  return id;
}

describe('a batch with an event bus', () => {
  it('images that are ready, now or before, are announced in one call, and no others', async () => {
    const made = await sent(photo);
    const before = await sent(undefined, { status: 'ready' });
    await testWorker.sendJob(before);
    await sent(Buffer.from('no picture'));
    await sent(undefined, { status: 'rejected' });
    await sent(undefined, { status: 'ready', deleted_at: new Date() });
    expect(await deliver()).toEqual([]);
    expect(bus.announced().sort()).toEqual([made, before].sort());
    expect(bus.calls).toEqual([2]);
    expect(JSON.parse(bus.taken[0]?.Detail ?? '')).toMatchObject({ bucket: 'pictures', tenant: 'alpha' });
  });

  it('an image is announced once its row says that it is ready', async () => {
    const id = await sent(photo);
    let found: unknown;
    await deliver({
      readyEvents: {
        send: async (images) => {
          found = await status(id);
          return images.map(() => ({ sent: true }));
        },
      },
    });
    expect(found).toBe('ready');
  });

  it('an image whose commit was lost is not announced', async () => {
    await sent(photo);
    const { database } = testWorker.dependencies;
    let calls = 0;
    const end = Date.now() + patience(3_000);
    const failed = await deliver({
      remaining: () => end - Date.now(),
      database: {
        run: (work, options) => {
          calls += 1;
          return calls === 1 ? database.run(work, options) : Promise.reject(new Error('away'));
        },
        close: () => database.close(),
      },
    });
    expect(failed).toHaveLength(1);
    expect(bus.calls).toEqual([]);
  });
});

describe('a failing event bus', () => {
  it('an image whose event is refused stays ready, and is announced once when its message returns', async () => {
    bus.mood = 'refuses';
    const id = await sent(photo);
    expect(await deliver()).toHaveLength(1);
    expect(await status(id)).toBe('ready');
    expect(bus.announced()).toEqual([]);
    bus.mood = 'takes';
    expect(await deliver()).toEqual([]);
    expect(bus.announced()).toEqual([id]);
    expect(await testWorker.receive()).toEqual([]);
  });

  it('only the images whose events failed return, and are announced again', async () => {
    const ids = [await sent(photo), await sent(photo), await sent(undefined, { status: 'ready' })];
    const [, lost] = ids;
    bus.mood = { fails: ({ Detail }) => Detail.includes(lost ?? 'none') };
    expect(await deliver()).toHaveLength(1);
    bus.mood = 'takes';
    const again = await testWorker.receive();
    expect(again.map(({ body }) => JSON.parse(body))).toMatchObject([{ imageId: lost }]);
    await testWorker.deliver(again, { readyEvents: lateReadyEvents('default', 'pictures') });
    expect(bus.announced().sort()).toEqual(ids.sort());
    expect(bus.taken).toHaveLength(3);
  });

  it.each([
    ['hangs', () => lateReadyEvents('default', 'pictures')],
    ['hangs, and its client does not heed the signal', () => ({ send: () => new Promise<never>(() => {}) })],
  ])(
    'when the event bus %s, the invocation ends in time and the message returns after its back-off',
    async (_, open) => {
      bus.mood = 'hangs';
      const id = await sent(photo, { status: 'ready' });
      const end = Date.now() + patience(4_000);
      const terms = { remaining: () => end - Date.now(), random: () => 0.999, readyEvents: open() };
      expect(await deliver(terms)).toHaveLength(1);
      expect(Date.now()).toBeLessThan(end);
      // By the worker's back-off, not by the queue's visibility timeout: there was time left to set it.
      const [hidden] = testWorker.hidden();
      expect(hidden).toBeLessThanOrEqual(5);
      expect(await status(id)).toBe('ready');
    },
  );
});

describe('a deployment without an event bus', () => {
  it('without an event bus, ready images are acknowledged and nothing is sent', async () => {
    await sent(photo);
    await sent(undefined, { status: 'ready' });
    expect(await deliver({ readyEvents: undefined })).toEqual([]);
    expect(bus.calls).toEqual([]);
  });
});
