import type { ImageEvent } from '../../../lambda/domain/event.ts';

/** Lambda's event for records of a topic. */
export function kafkaBatch(
  texts: readonly (string | ImageEvent)[],
  { topic = 'events', partition = 0, firstOffset = 0 } = {},
): object {
  return {
    eventSource: 'aws:kafka',
    bootstrapServers: '127.0.0.1:9092',
    records: {
      [`${topic}-${partition}`]: texts.map((text, place) => ({
        topic,
        partition,
        offset: firstOffset + place,
        timestamp: 0,
        timestampType: 'CREATE_TIME',
        value: Buffer.from(serialised(text)).toString('base64'),
        headers: [],
      })),
    },
  };
}

/** Lambda's event for messages of a queue; their ids are m0, m1, … */
export function sqsBatch(texts: readonly (string | ImageEvent)[]): object {
  return {
    Records: texts.map((text, place) => ({
      messageId: `m${place}`,
      receiptHandle: `r${place}`,
      body: serialised(text),
      eventSource: 'aws:sqs',
    })),
  };
}

const serialised = (text: string | ImageEvent) => (typeof text === 'string' ? text : JSON.stringify(text));
