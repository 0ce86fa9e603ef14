import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BusEntry, openEventBuses } from '../../../lambda/aws/event-buses.ts';
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

const entry = (id: string): BusEntry => ({
  ...{ bus: 'photos', source: 'sluice', detailType: 'image.ready', detail: JSON.stringify({ id }) },
  ...{ time: new Date('2026-11-29T12:00:00Z'), resources: ['arn:aws:s3:::pictures'] },
});

describe('entries for event buses', () => {
  it('name bus, source, type, time, resources and detail', async () => {
    expect(await openEventBuses().put([entry('one')])).toEqual([{ sent: true }]);
    expect(bus.taken).toEqual([
      {
        EventBusName: 'photos',
        Source: 'sluice',
        DetailType: 'image.ready',
        Detail: '{"id":"one"}',
        Time: 1_795_953_600,
        Resources: ['arn:aws:s3:::pictures'],
      },
    ]);
  });

  it('have a result each if some fail', async () => {
    bus.mood = { fails: ({ Detail }) => Detail.includes('two') };
    expect(await openEventBuses().put(['one', 'two', 'three'].map(entry))).toEqual([
      { sent: true },
      { sent: false, reason: 'ThrottlingException' },
      { sent: true },
    ]);
  });

  it('of a refused call are unsent, and the call is not repeated', async () => {
    bus.mood = 'refuses';
    const refused = { sent: false, reason: 'AccessDeniedException' };
    expect(await openEventBuses().put(['one', 'two'].map(entry))).toEqual([refused, refused]);
    expect(bus.calls).toEqual([2]);
  });

  it('are unsent if the signal ends a call without a response', async () => {
    bus.mood = 'hangs';
    const controller = new AbortController();
    const answers = openEventBuses().put([entry('one')], controller.signal);
    await expect.poll(() => bus.calls).toEqual([1]);
    controller.abort();
    expect(await answers).toEqual([{ sent: false, reason: 'AbortError' }]);
  });

  it('are unsent if the response has fewer results than were sent', async () => {
    const client = { send: async () => ({ Entries: [{ EventId: '1' }] }) } as never;
    const answers = await openEventBuses(client).put(['one', 'two'].map(entry));
    expect(answers.map(({ sent }) => sent)).toEqual([true, false]);
  });
});
