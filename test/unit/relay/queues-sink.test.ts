import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { ImageEvent } from '../../../lambda/domain/event.ts';
import { KafkaFailure } from '../../../lambda/kafka/failure.ts';
import { kafkaSink } from '../../../lambda/relay/sinks/kafka.ts';
import { queuesSink } from '../../../lambda/relay/sinks/queues.ts';
import { imageEvent } from '../../support/kafka/events.ts';
import { recordingLog } from '../process/test-worker.ts';

const { signal } = new AbortController();
const eventsOf = (images: number, each: number) => {
  const ids = Array.from({ length: images }, () => randomUUID());
  return Array.from({ length: each }, (_, place) =>
    ids.map((image) => imageEvent({ image, sequence: place + 1 })),
  ).flat();
};

it('the sink of the queues sends at most ten events at once, of an image one, and in order', async () => {
  const events = eventsOf(25, 3);
  const sent: ImageEvent[][] = [];
  const sink = queuesSink({
    async send(some) {
      sent.push([...some]);
      return some.map(() => true);
    },
  });
  expect(await sink.send(events, signal)).toEqual(events.map(() => true));
  for (const request of sent) {
    expect(request.length).toBeLessThanOrEqual(10);
    expect(new Set(request.map(({ subject }) => subject)).size).toBe(request.length);
  }
  for (const own of Map.groupBy(sent.flat(), ({ subject }) => subject).values())
    expect(own.map(({ sequence }) => sequence)).toEqual(['1', '2', '3']);
});

it('the sink of the queues sends nothing of an image after an event that was refused', async () => {
  const events = eventsOf(3, 3);
  const refused = events[4];
  const sent: ImageEvent[] = [];
  const sink = queuesSink({
    async send(some) {
      sent.push(...some);
      return some.map((event) => event !== refused);
    },
  });
  const answers = await sink.send(events, signal);
  const later = (event: ImageEvent) => event.subject === refused?.subject && Number(event.sequence) >= 2;
  expect(answers).toEqual(events.map((event) => !later(event)));
  expect(sent.filter(later)).toEqual([refused]);
});

it('the sink of Kafka refuses only the events that are too large alone, and keeps the order of the others', async () => {
  const events = eventsOf(3, 4);
  const large = new Set([events[2], events[7]]);
  const written: ImageEvent[] = [];
  const producer = {
    async send(some: readonly ImageEvent[]) {
      if (some.length > 5 || some.some((event) => large.has(event)))
        throw new KafkaFailure('event_too_large', 'larger than max.message.bytes');
      written.push(...some);
    },
    close: async () => {},
  };
  expect(await kafkaSink(producer, recordingLog()).send(events, signal)).toEqual(
    events.map((event) => (large.has(event) ? { refused: 'event_too_large' } : true)),
  );
  expect(written).toEqual(events.filter((event) => !large.has(event)));
});

it('the sink of Kafka finds the event that is too large among 64 with 13 requests', async () => {
  const events = eventsOf(64, 1);
  let requests = 0;
  const producer = {
    async send(some: readonly ImageEvent[]) {
      requests += 1;
      if (some.some((event) => event === events[42])) throw new KafkaFailure('event_too_large', 'too large');
    },
    close: async () => {},
  };
  expect(await kafkaSink(producer, recordingLog()).send(events, signal)).toEqual(
    events.map((_, at) => (at === 42 ? { refused: 'event_too_large' } : true)),
  );
  // All of them, and two halves of what has it, six times.
  expect(requests).toBe(13);
});

it('the sink of Kafka accepts all or none, and says in the log why', async () => {
  const events = eventsOf(2, 1);
  const log = recordingLog();
  const close = async () => {};
  expect(await kafkaSink({ send: async () => {}, close }, log).send(events, signal)).toEqual([true, true]);
  const failing = async () => {
    throw new KafkaFailure('topic_missing', 'no such topic');
  };
  expect(await kafkaSink({ send: failing, close }, log).send(events, signal)).toEqual([false, false]);
  expect(JSON.stringify(log.lines)).toContain('topic_missing');
});
