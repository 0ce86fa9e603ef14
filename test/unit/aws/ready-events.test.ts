import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openReadyEvents } from '../../../lambda/aws/ready-events.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { type EventBus, startEventBus } from './event-bus.ts';

let cloud: Cloud;
let bus: EventBus;
beforeAll(async () => {
  cloud = await startCloud();
  bus = await startEventBus();
});
afterAll(async () => {
  bus.stop();
  await cloud.stop();
});
beforeEach(() => {
  Object.assign(bus, { mood: 'takes', taken: [], calls: [] });
});

const events = () => openReadyEvents({ bus: 'photos', bucketName: 'pictures' });
const images = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ tenant: 'acme', imageId: `${n}` }));

describe('events of ready images', () => {
  it('an event names bus, source, type, bucket, tenant and id', async () => {
    expect(await events().send([{ tenant: 'acme', imageId: 'one' }])).toEqual([{ sent: true }]);
    expect(bus.taken).toEqual([
      {
        EventBusName: 'photos',
        Source: 'sluice',
        DetailType: 'Image ready',
        Detail: '{"bucket":"pictures","tenant":"acme","id":"one"}',
      },
    ]);
  });

  it('events are sent in calls of ten', async () => {
    expect(await events().send(images(21))).toHaveLength(21);
    expect(bus.calls).toEqual([10, 10, 1]);
    expect(bus.told()).toEqual(images(21).map(({ imageId }) => imageId));
  });

  it('events have a result each if some fail, also in the last call', async () => {
    const failing = ['3', '11'];
    bus.mood = { fails: ({ Detail }) => failing.includes((JSON.parse(Detail) as { id: string }).id) };
    const answers = await events().send(images(12));
    const unsent = [...answers.entries()].filter(([, { sent }]) => !sent);
    expect(unsent).toEqual(failing.map((id) => [Number(id), { sent: false, reason: 'ThrottlingException' }]));
  });

  it('all events of a refused call are unsent, and the call is not repeated', async () => {
    bus.mood = 'refuses';
    const refused = { sent: false, reason: 'AccessDeniedException' };
    expect(await events().send(images(2))).toEqual([refused, refused]);
    expect(bus.calls).toEqual([2]);
  });

  it('events are unsent if the signal ends a call without a response', async () => {
    bus.mood = 'hangs';
    const controller = new AbortController();
    const answers = events().send(images(1), controller.signal);
    await expect.poll(() => bus.calls).toEqual([1]);
    controller.abort();
    expect(await answers).toEqual([{ sent: false, reason: 'AbortError' }]);
  });

  it('events are unsent if the response has fewer entries than were sent', async () => {
    const client = { send: async () => ({ Entries: [{ EventId: '1' }] }) } as never;
    const told = openReadyEvents({ bus: 'photos', bucketName: 'pictures', client });
    expect((await told.send(images(2))).map(({ sent }) => sent)).toEqual([true, false]);
  });
});
