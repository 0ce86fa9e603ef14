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
