import { Producer } from '@platformatic/kafka';
import type { ImageEvent } from '../domain/event.ts';
import { clientOptions, type KafkaCluster } from './client-options.ts';
import { KafkaFailure, kafkaFailure } from './failure.ts';

export interface EventProducer {
  /**
   * Sends events in their order, with the image's id as key: all events of an image are in one partition, in order.
   * Resolves when all in-sync replicas have them.
   * @throws KafkaFailure; some may have been written nevertheless, so the caller sends all of them again.
   */
  send(events: readonly ImageEvent[], signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface ProducerSettings {
  cluster: KafkaCluster;
  topic: string;
  /** Limit of one call. Default: 10 s. */
  answerMs?: number;
}

/** Brokers take messages of 1 MB by default; one event has a few kB. */
const bytesPerRequest = 256 * 1024;

type Client = Producer<Buffer, Buffer, Buffer, Buffer>;

/**
 * Opens a producer without connecting. It is idempotent (a retry of the client writes nothing twice) and waits for all
 * replicas. After a failure the next call starts with a new client: repetitions then have the same event ids.
 */
export function openEventProducer({ cluster, topic, answerMs = 10_000 }: ProducerSettings): EventProducer {
  let client: Client | undefined;
  const where = `topic ${topic} at ${cluster.brokers.join(',')}`;

  function opened(): Client {
    client ??= newClient();
    return client;
  }

  function newClient(): Client {
    const producer: Client = new Producer({
      ...clientOptions(cluster, 'sluice-relay'),
      idempotent: true,
      acks: -1,
      autocreateTopics: false,
    });
    // The caller of `send` gets the error.
    return producer.on('error', () => undefined);
  }

  async function close(): Promise<void> {
    const closing = client;
    client = undefined;
    await closing?.close().catch(() => undefined);
  }

  return {
    async send(events, signal) {
      const limit = AbortSignal.timeout(answerMs);
      try {
        for (const part of parts(events)) {
          const messages = part.map(({ key, value }) => ({ topic, key, value }));
          await until(
            signal === undefined ? limit : AbortSignal.any([signal, limit]),
            opened().send({ messages }),
          );
        }
      } catch (error) {
        void close();
        throw kafkaFailure(error, where);
      }
    },
    close,
  };
}

interface Encoded {
  key: Buffer;
  value: Buffer;
}

function* parts(events: readonly ImageEvent[]): Generator<Encoded[]> {
  let part: Encoded[] = [];
  let bytes = 0;
  for (const event of events) {
    const value = Buffer.from(JSON.stringify(event));
    if (part.length > 0 && bytes + value.length > bytesPerRequest) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push({ key: Buffer.from(event.subject), value });
    bytes += value.length;
  }
  if (part.length > 0) yield part;
}

/** Settles as `work`, or fails when the signal aborts. */
async function until<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  work.catch(() => undefined);
  const over = Promise.withResolvers<never>();
  const abort = () =>
    over.reject(new KafkaFailure('kafka_unavailable', 'no answer in time', { cause: signal.reason }));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
