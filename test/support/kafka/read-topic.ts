import { Consumer } from '@platformatic/kafka';
import { patience } from '../pace.ts';

export interface TopicMessage {
  partition: number;
  offset: number;
  key: string;
  value: string;
}

/** Reads a topic from its beginning until it has so many messages. */
export async function readTopic(address: string, topic: string, count: number): Promise<TopicMessage[]> {
  const consumer = new Consumer({
    clientId: 'tests',
    groupId: `tests-${Math.random()}`,
    bootstrapBrokers: [address],
  });
  const read: TopicMessage[] = [];
  const timer = setTimeout(() => void consumer.close(true), patience(60_000));
  try {
    const stream = await consumer.consume({
      topics: [topic],
      mode: 'earliest',
      autocommit: false,
      maxWaitTime: 100,
    });
    for await (const { partition, offset, key, value } of stream) {
      read.push({ partition, offset: Number(offset), key: key.toString(), value: value.toString() });
      if (read.length === count) break;
    }
    await stream.close().catch(() => undefined);
  } finally {
    clearTimeout(timer);
    await consumer.close(true).catch(() => undefined);
  }
  return read;
}
