import { beforeEach, describe, expect, it } from 'vitest';
import type { BusEntry, EventBuses } from '../../../lambda/aws/event-buses.ts';
import { eventSchema, type ImageEvent } from '../../../lambda/domain/event.ts';
import { eventBridgeSink } from '../../../lambda/relay/sinks/event-bridge.ts';
import { recordingLog } from '../process/test-worker.ts';

const bucketArn = 'arn:aws:s3:::pictures';
const event = (subject: string, sequence = 1, type: ImageEvent['type'] = 'image.ready'): ImageEvent => ({
  ...{ specversion: '1.0', id: `${subject}-${sequence}`, source: 'sluice', type, subject },
  ...{ time: '2026-11-29T12:00:00.000Z', datacontenttype: 'application/json', dataschema: eventSchema },
  ...{ tenant: 'acme', sequence: String(sequence) },
  data: { id: subject } as ImageEvent['data'],
});

let calls: BusEntry[][];
let fails: (entry: BusEntry) => boolean;
let reason: string;
beforeEach(() => {
  calls = [];
  fails = () => false;
  reason = 'ThrottlingException';
});
const buses: EventBuses = {
  async put(entries) {
    calls.push([...entries]);
    const whole = reason === 'ValidationException' && entries.some(fails);
    return entries.map((entry) => (whole || fails(entry) ? { sent: false, reason } : { sent: true }));
  },
};
const sink = (targets: { buses: string[]; readyEventsBus?: string } = { buses: ['own'] }) =>
  eventBridgeSink(buses, { bucketArn, ...targets }, recordingLog());
const send = (events: ImageEvent[], targets?: Parameters<typeof sink>[0]) =>
  sink(targets).send(events, new AbortController().signal);
const details = () => calls.flat().map(({ detail }) => JSON.parse(detail) as ImageEvent);

describe('the sink of EventBridge', () => {
  it('sends the CloudEvent as the detail, with its type, source and the bucket as resource', async () => {
    const one = event('one');
    expect(await send([one])).toEqual([true]);
    expect(calls).toEqual([
      [
        {
          bus: 'own',
          source: 'sluice',
          detailType: 'image.ready',
          detail: JSON.stringify(one),
          time: new Date(one.time),
          resources: [bucketArn],
        },
      ],
    ]);
  });

  it('sends at most ten entries in a call, and those of an image one after the other', async () => {
    const events = Array.from({ length: 25 }, (_, n) => [event(`i${n}`, 1), event(`i${n}`, 2)]).flat();
    expect(await send(events)).toEqual(events.map(() => true));
    expect(calls.map(({ length }) => length)).toEqual([10, 10, 5, 10, 10, 5]);
    for (const call of calls)
      expect(new Set(call.map(({ detail }) => (JSON.parse(detail) as ImageEvent).subject)).size).toBe(
        call.length,
      );
    const order = Map.groupBy(details(), ({ subject }) => subject);
    for (const of of order.values()) expect(of.map(({ sequence }) => sequence)).toEqual(['1', '2']);
  });

  it('sends nothing more of an image after a refused event, and everything of the others', async () => {
    fails = ({ detail }) => detail.includes('"bad-1"');
    const events = [event('bad', 1), event('good', 1), event('bad', 2), event('good', 2), event('bad', 3)];
    expect(await send(events)).toEqual([false, true, false, true, false]);
    expect(details().map(({ id }) => id)).toEqual(['bad-1', 'good-1', 'good-2']);
  });

  it('refuses an event whose detail is malformed, and goes on with its image', async () => {
    fails = ({ detail }) => detail.includes('"bad-1"');
    reason = 'MalformedDetail';
    const events = [event('bad', 1), event('good', 1), event('bad', 2)];
    expect(await send(events)).toEqual([{ refused: 'malformed' }, true, true]);
  });

  it('refuses of a call that is refused as a whole only the event that is refused alone', async () => {
    fails = ({ detail }) => detail.includes('"bad-1"');
    reason = 'ValidationException';
    const events = [event('one'), event('bad'), event('two')];
    expect(await send(events)).toEqual([true, { refused: 'event_too_large' }, true]);
    expect(calls.map(({ length }) => length)).toEqual([3, 1, 1, 1]);
  });

  it('takes missing rights for no fault of an event', async () => {
    fails = () => true;
    reason = 'AccessDeniedException';
    expect(await send([event('one'), event('two')])).toEqual([false, false]);
  });

  it('accepts an event once every bus has it', async () => {
    fails = ({ bus, detail }) => bus === 'shop' && detail.includes('"two-1"');
    const answers = await send([event('one'), event('two')], { buses: ['own', 'shop'] });
    expect(answers).toEqual([true, false]);
    expect(calls.flat().map(({ bus }) => bus)).toEqual(['own', 'shop', 'own', 'shop']);
  });

  it('sends ready images to the bus of deploy.readyEvents in the form of before, and no other events', async () => {
    const events = [event('one', 1, 'image.admitted'), event('one', 2)];
    expect(await send(events, { buses: [], readyEventsBus: 'default' })).toEqual([true, true]);
    expect(calls).toEqual([
      [
        {
          bus: 'default',
          source: 'sluice',
          detailType: 'Image ready',
          detail: '{"bucket":"pictures","tenant":"acme","id":"one"}',
          time: new Date('2026-11-29T12:00:00.000Z'),
          resources: [bucketArn],
        },
      ],
    ]);
  });
});
