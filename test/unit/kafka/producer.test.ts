import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageEvent } from '../../../lambda/domain/event.ts';
import type { KafkaCluster } from '../../../lambda/kafka/client-options.ts';
import {
  type EventProducer,
  openEventProducer,
  type ProducerSettings,
} from '../../../lambda/kafka/producer.ts';
import { makeAuthority, makeCertificate } from '../../support/certificate.ts';
import { type Broker, startBroker } from '../../support/kafka/broker.ts';
import { imageEvent } from '../../support/kafka/events.ts';
import { kafkaMissing } from '../../support/kafka/jars.ts';
import { readTopic } from '../../support/kafka/read-topic.ts';
import { patience } from '../../support/pace.ts';

const authority = makeAuthority();
const certificate = makeCertificate(['localhost'], authority);
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

  it('gives up within its time when the broker hangs, and works once it answers', async () => {
    const sending = producer({ answerMs: patience(1_000) });
    await sending.send(one()).catch(() => undefined);
    broker.freeze();
    const began = performance.now();
    await expect(sending.send(one())).rejects.toMatchObject({ code: 'kafka_unavailable' });
    const took = performance.now() - began;
    broker.resume();
    expect(took).toBeLessThan(patience(3_000));
    await expect.poll(() => sending.send(one()).then(() => 'sent')).toBe('sent');
  });

  it('ends when its signal aborts', async () => {
    broker.freeze();
    const failing = producer().send(one(), AbortSignal.timeout(100));
    await expect(failing).rejects.toMatchObject({ code: 'kafka_unavailable' });
    broker.resume();
  });

  it('says that Kafka is away where nothing listens', async () => {
    const failing = producer({ brokers: ['127.0.0.1:9'] }).send(one());
    await expect(failing).rejects.toMatchObject({ code: 'kafka_unavailable' });
  });
});
