import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageEvent } from '../../../lambda/domain/event.ts';
import type { KafkaCluster } from '../../../lambda/kafka/client-options.ts';
import {
  type EventProducer,
  openEventProducer,
  type ProducerSettings,
} from '../../../lambda/kafka/producer.ts';
import { kafkaSink } from '../../../lambda/relay/sinks/kafka.ts';
import { makeAuthority, makeCertificate } from '../../support/certificate.ts';
import { type Broker, startBroker } from '../../support/kafka/broker.ts';
import { imageEvent } from '../../support/kafka/events.ts';
import { kafkaMissing } from '../../support/kafka/jars.ts';
import { readTopic } from '../../support/kafka/read-topic.ts';
import { patience } from '../../support/pace.ts';
import { recordingLog } from '../process/test-worker.ts';

const authority = makeAuthority();
const certificate = makeCertificate(['localhost'], authority);
/** What the client publishes at each of its requests. */
const sends = 'tracing:plt:kafka:producer:sends:start';
/** What it publishes when it makes a producer, among others. */
const instances = 'plt:kafka:instances';
interface Made {
  instance: NodeJS.EventEmitter;
}
interface Sent {
  options: { messages: unknown[] };
}
const login = { username: 'relay', password: 'for-tests-only' };

describe.skipIf(kafkaMissing())('the producer of events', () => {
  let broker: Broker;
  const producers: EventProducer[] = [];
  beforeAll(async () => {
    const mechanisms = ['SCRAM-SHA-512', 'PLAIN', 'OAUTHBEARER'] as const;
    broker = await startBroker({ secure: { certificate, mechanisms }, logins: [login] });
    await broker.createTopic('events', 3);
  });
  afterAll(async () => {
    await Promise.all(producers.map((one) => one.close()));
    await broker?.stop();
  });

  function producer(
    given: Partial<KafkaCluster> & Omit<Partial<ProducerSettings>, 'cluster'> = {},
  ): EventProducer {
    const { topic = 'events', answerMs = patience(20_000), ...cluster } = given;
    const opened = openEventProducer({
      cluster: { brokers: [broker.address], tls: { kind: 'off' }, login: { kind: 'none' }, ...cluster },
      topic,
      answerMs,
    });
    producers.push(opened);
    return opened;
  }
  const secure = (given: Partial<KafkaCluster> = {}) =>
    producer({
      brokers: [broker.secureAddress],
      tls: { kind: 'verify', ca: authority.cert },
      login: { kind: 'scram', credentials: async () => login },
      ...given,
    });
  const one = () => [imageEvent({})];
  /** An event with so many bytes of metadata. */
  const large = (given: Parameters<typeof imageEvent>[0], bytes: number) =>
    imageEvent({ ...given, data: { metadata: { text: 'x'.repeat(bytes) } } });

  it('writes the events of an image to one partition in their order, whatever is between them', async () => {
    await broker.createTopic('ordered', 3);
    const images = Array.from({ length: 20 }, () => randomUUID());
    const events: ImageEvent[] = [1, 2, 3].flatMap((sequence) =>
      images.map((image) => imageEvent({ image, sequence })),
    );
    await producer({ topic: 'ordered' }).send(events);
    const read = await readTopic(broker.address, 'ordered', events.length);
    expect(new Set(read.map(({ partition }) => partition)).size).toBeGreaterThan(1);
    for (const image of images) {
      const own = read.filter(({ key }) => key === image);
      expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
      expect(own.map(({ value }) => JSON.parse(value))).toEqual(
        events.filter(({ subject }) => subject === image),
      );
    }
  });

  it('keeps one client, and adds nothing to it, over many calls', async () => {
    const made: NodeJS.EventEmitter[] = [];
    const collect = (found: unknown) => made.push((found as Made).instance);
    subscribe(instances, collect);
    const listeners: number[][] = [];
    try {
      const sending = producer();
      for (let n = 0; n < 3; n += 1) {
        await sending.send(one());
        listeners.push(made.map((client) => client.listenerCount('error')));
      }
    } finally {
      unsubscribe(instances, collect);
    }
    expect(Math.max(...(listeners[0] ?? []))).toBeGreaterThan(0);
    expect(listeners).toEqual([listeners[0], listeners[0], listeners[0]]);
  });

  it.each(['scram', 'plain'] as const)('logs in with %s over TLS', async (kind) => {
    await secure({ login: { kind, credentials: async () => login } }).send(one());
  });

  it.each(['scram', 'plain'] as const)('says that other credentials are needed (%s)', async (kind) => {
    const wrong = async () => ({ ...login, password: 'wrong' });
    await expect(secure({ login: { kind, credentials: wrong } }).send(one())).rejects.toMatchObject({
      name: 'KafkaFailure',
      code: 'credentials_refused',
    });
  });

  it('says that other credentials are needed when the broker refuses a token', async () => {
    const failing = secure({ login: { kind: 'iam', token: async () => 'not-a-token' } }).send(one());
    await expect(failing).rejects.toMatchObject({ code: 'credentials_refused' });
  });

  it('says that the certificate is not trusted', async () => {
    await expect(secure({ tls: { kind: 'verify' } }).send(one())).rejects.toMatchObject({
      code: 'certificate_refused',
    });
  });

  it('says that the topic is missing, makes none, and works once it is there', async () => {
    const sending = producer({ topic: 'later' });
    await expect(sending.send(one())).rejects.toMatchObject({ code: 'topic_missing' });
    await expect(sending.send(one())).rejects.toMatchObject({ code: 'topic_missing' });
    await broker.createTopic('later', 1);
    await sending.send(one());
    expect(await readTopic(broker.address, 'later', 1)).toHaveLength(1);
  });

  it('writes more than the topic takes at once, in several requests', async () => {
    await broker.createTopic('bulk', 1);
    const image = randomUUID();
    // 1.5 MB in all; a topic takes 1 MB by default.
    const events = Array.from({ length: 15 }, (_, at) => large({ image, sequence: at + 1 }, 100_000));
    const requests: number[] = [];
    const count = (sent: unknown) => requests.push((sent as Sent).options.messages.length);
    subscribe(sends, count);
    await producer({ topic: 'bulk' })
      .send(events)
      .finally(() => unsubscribe(sends, count));
    // Two of 100 kB are less than 256 KiB, three are more.
    expect(requests).toEqual([2, 2, 2, 2, 2, 2, 2, 1]);
    const read = await readTopic(broker.address, 'bulk', events.length);
    expect(read.map(({ value }) => JSON.parse(value))).toEqual(events);
  });

  it.each([
    ['messages', { 'max.message.bytes': '4096' }, 5_000],
    ['segments', { 'max.message.bytes': '4194304', 'segment.bytes': '1048576' }, 1_100_000],
  ])('says that an event is too large for the %s of the topic', async (limited, settings, bytes) => {
    const topic = `limited-${limited}`;
    await broker.createTopic(topic, 1, settings);
    const failing = producer({ topic }).send([large({}, bytes)]);
    await expect(failing).rejects.toMatchObject({ code: 'event_too_large' });
  });

  it('of events that are too large together, only the one that is too large alone is not written', async () => {
    await broker.createTopic('small', 1, { 'max.message.bytes': '4096' });
    const events = Array.from({ length: 8 }, (_, at) => large({}, at === 5 ? 5_000 : 1_000));
    const sink = kafkaSink(producer({ topic: 'small' }), recordingLog());
    expect(await sink.send(events, AbortSignal.timeout(patience(60_000)))).toEqual(
      events.map((_, at) => (at === 5 ? { refused: 'event_too_large' } : true)),
    );
    const read = await readTopic(broker.address, 'small', events.length - 1);
    expect(read.map(({ value }) => JSON.parse(value))).toEqual(events.filter((_, at) => at !== 5));
  });

  it('gives up within its time when the broker hangs, and works once it answers', async () => {
    const sending = producer({ answerMs: patience(1_000) });
    await sending.send(one()).catch(() => undefined);
    await broker.freeze();
    const began = performance.now();
    await expect(sending.send(one())).rejects.toMatchObject({ code: 'kafka_unavailable' });
    const took = performance.now() - began;
    broker.resume();
    expect(took).toBeLessThan(patience(3_000));
    await expect.poll(() => sending.send(one()).then(() => 'sent')).toBe('sent');
  });

  it('ends when its signal aborts', async () => {
    await broker.freeze();
    const failing = producer().send(one(), AbortSignal.timeout(100));
    await expect(failing).rejects.toMatchObject({ code: 'kafka_unavailable' });
    broker.resume();
  });

  it('says that Kafka is away where nothing listens', async () => {
    const failing = producer({ brokers: ['127.0.0.1:9'] }).send(one());
    await expect(failing).rejects.toMatchObject({ code: 'kafka_unavailable' });
  });
});
