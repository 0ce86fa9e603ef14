import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { eventTypes } from '../../lambda/domain/event.ts';
import { readImageEvent } from '../../lambda/domain/read-event.ts';
import { usageParts } from '../../lambda/domain/usage.ts';
import { eventOf } from '../../lambda/postgres/events/event-row.ts';
import { createHandler } from '../../lambda/relay/handler.ts';
import { batchRecords } from '../../lambda/runtime/consume/records.ts';
import { recordMetrics } from '../support/metrics.ts';
import { invocation, recordingLog } from '../unit/process/test-worker.ts';
import { recordings } from './recordings.ts';

describe.each(recordings('events'))('the batch $name of events', ({ message }) => {
  const records = batchRecords(message);
  const events = records.map(({ text }) => readImageEvent(text));

  it('an event of each type is recorded, and each is read in full', () => {
    expect(events.map(({ type }) => type).sort()).toEqual([...eventTypes].sort());
    expect(events.map((event) => JSON.stringify(event))).toEqual(records.map(({ text }) => text));
  });

  it('each event counts as one of its type', () => {
    for (const event of events)
      expect(usageParts(event, Date.parse(event.time))[0]).toMatchObject({
        ...{ event: event.id, tenant: event.tenant, type: event.type, images: 1 },
      });
  });

  it('events are sent in the recorded form', () => {
    for (const { text } of records) {
      const { id, type, subject, tenant, sequence, time, data } = readImageEvent(text);
      const row = { id, type, subject, tenant, sequence: Number(sequence), time: new Date(time), data };
      expect(JSON.stringify(eventOf(row)), 'record the new form first').toBe(text);
    }
  });
});

it('records of Kafka are named by partition and offset, and messages of SQS by their id', () => {
  const names = Object.fromEntries(
    recordings('events').map(({ name, message }) => [name, batchRecords(message)[0]?.name]),
  );
  expect(names).toEqual({
    'events.kafka.v1.json': { partition: 'image-events-3', offset: 120 },
    'events.queue.v1.json': '059f36b4-87a3-44ab-83d2-661970000100',
  });
});

it.each(recordings('nudges'))('the nudge $name starts the relay', async ({ message }) => {
  const asked: string[] = [];
  // Another relay is at work, so that it needs no database.
  const database = {
    run: async () => void asked.push('lease'),
    close: async () => undefined,
  };
  const { metrics } = recordMetrics();
  const handler = createHandler({
    database: database as never,
    sinks: [],
    park: async () => [],
    nudges: { send: async () => new Map<number, string>() },
    log: recordingLog(),
    metrics,
  });
  const report = await handler(
    message as SQSEvent,
    invocation(() => 60_000),
  );
  expect({ asked, report }).toEqual({
    asked: ['lease'],
    report: { sent: 0, end: 'busy', batchItemFailures: [] },
  });
});
