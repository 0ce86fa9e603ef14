import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { EventRefused } from '../../../lambda/domain/read-event.ts';
import { type Consumer, consumeBatch } from '../../../lambda/runtime/consume/consume.ts';
import { imageEvent } from '../../support/kafka/events.ts';
import { recordingLog } from '../process/test-worker.ts';
import { kafkaBatch, sqsBatch } from './batches.ts';

const good = () => imageEvent({});
const future = () => ({ ...good(), dataschema: 'urn:sluice:image-event:2' });
const text = (value: object) => JSON.stringify(value);

/** A consumer that applies whatever it gets. */
function consumer(given: Partial<Consumer> = {}) {
  const applied: string[] = [];
  const parked: [string, string][] = [];
  return {
    applied,
    parked,
    parts: {
      async apply(received) {
        applied.push(...received.map(({ event }) => event.id));
      },
      async park(refused) {
        parked.push(...refused.map(({ record, reason }) => [record.text, reason.code] as [string, string]));
        return refused.map(() => true);
      },
      log: recordingLog(),
      ...given,
    } satisfies Consumer,
  };
}

describe('a batch of events', () => {
  it.each([
    ['Kafka', kafkaBatch],
    ['SQS', sqsBatch],
  ])('an event of a future version is refused alone, and counts as done (%s)', async (_, batch) => {
    const [first, second] = [good(), good()];
    const unknown = text(future());
    const { parts, applied, parked } = consumer();
    expect(await consumeBatch(batch([first, unknown, second]), parts)).toEqual({ batchItemFailures: [] });
    expect(applied).toEqual([first.id, second.id]);
    expect(parked).toEqual([[unknown, 'schema_unknown']]);
  });

  it.each([
    ['', 'not_an_event'],
    ['{', 'not_an_event'],
    ['null', 'not_an_event'],
    ['{"v":1}', 'not_an_event'],
    [text({ ...good(), source: 'others' }), 'not_an_event'],
    [text({ ...good(), specversion: '2.0' }), 'not_an_event'],
    [text({ ...good(), type: 'image.painted' }), 'schema_unknown'],
    [text({ ...good(), dataschema: undefined }), 'schema_unknown'],
    [text({ ...good(), id: 'x' }), 'not_an_event'],
    [text({ ...good(), tenant: '../other' }), 'not_an_event'],
    [text({ ...good(), sequence: 0 }), 'not_an_event'],
    [text({ ...good(), time: 'yesterday' }), 'not_an_event'],
    [text({ ...good(), data: { ...good().data, declared: null } }), 'not_an_event'],
    [text({ ...good(), data: { ...good().data, ageSeconds: 'old' } }), 'not_an_event'],
    [text({ ...good(), data: { ...good().data, variants: [null] } }), 'not_an_event'],
  ])('%.60s is refused as %s', async (body, code) => {
    const { parts, applied, parked } = consumer();
    await consumeBatch(sqsBatch([body]), parts);
    expect(applied).toEqual([]);
    expect(parked).toEqual([[body, code]]);
  });

  it('names a record that could not be parked in the form of its source, so that nothing is lost', async () => {
    const park = async (refused: readonly unknown[]) => refused.map(() => false);
    const kafka = await consumeBatch(
      kafkaBatch([good(), 'junk'], { topic: 'image-events', partition: 3, firstOffset: 100 }),
      consumer({ park }).parts,
    );
    expect(kafka).toEqual({
      batchItemFailures: [{ itemIdentifier: { partition: 'image-events-3', offset: 101 } }],
    });
    const sqs = await consumeBatch(sqsBatch([good(), 'junk']), consumer({ park }).parts);
    expect(sqs).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  });

  it('applies one by one if the consumer refuses the content of one of them', async () => {
    const events = Array.from({ length: 4 }, good);
    const bad = events[2]?.id;
    const done: string[] = [];
    const { parts, parked } = consumer({
      async apply(received) {
        if (received.some(({ event }) => event.id === bad)) throw new EventRefused('not_storable', 'no');
        done.push(...received.map(({ event }) => event.id));
      },
    });
    expect(await consumeBatch(sqsBatch(events), parts)).toEqual({ batchItemFailures: [] });
    expect(done).toEqual(events.map(({ id }) => id).filter((id) => id !== bad));
    expect(parked).toEqual([[text(events[2] ?? {}), 'not_storable']]);
  });

  it('fails as a whole in an outage, and refuses nothing', async () => {
    const { parts, parked } = consumer({ apply: () => Promise.reject(new Error('away')) });
    await expect(consumeBatch(sqsBatch([good(), text(future())]), parts)).rejects.toThrow('away');
    expect(parked).toEqual([]);
  });

  it.each([{}, null, { Records: [{ body: 'x' }] }, { eventSource: 'aws:kafka', records: [] }, randomUUID()])(
    'refuses %j, which is no batch',
    async (event) => {
      await expect(consumeBatch(event, consumer().parts)).rejects.toMatchObject({ name: 'EventMistake' });
    },
  );
});
