import { isUtf8 } from 'node:buffer';
import * as z from 'zod/mini';
import { EventMistake } from '../event-mistake.ts';

/** How a response names a record that failed: SQS by message id, Kafka by topic-partition and offset. */
export type RecordName = string | { partition: string; offset: number };

/** A record of a batch, whatever brought it. */
export interface BatchRecord {
  name: RecordName;
  /** The serialised event. */
  text: string;
  /** Its bytes, if they are no UTF-8. */
  raw?: Buffer;
}

const sqsBatch = z.object({
  Records: z.array(z.object({ messageId: z.string(), body: z.string() })),
});
/** Lambda's form for MSK and other clusters, the same for both. A tombstone has no value. */
const kafkaBatch = z.object({
  eventSource: z.enum(['aws:kafka', 'SelfManagedKafka']),
  records: z.record(
    z.string(),
    z.array(
      z.object({ topic: z.string(), partition: z.int(), offset: z.int(), value: z.nullish(z.string()) }),
    ),
  ),
});

/**
 * The records of a batch of SQS or Kafka, those of a partition in their order.
 * @throws EventMistake for anything else.
 */
export function batchRecords(event: unknown): BatchRecord[] {
  const kafka = kafkaBatch.safeParse(event);
  if (kafka.success)
    return Object.values(kafka.data.records)
      .flat()
      .map(({ topic, partition, offset, value }) => {
        const bytes = Buffer.from(value ?? '', 'base64');
        return {
          name: { partition: `${topic}-${partition}`, offset },
          text: bytes.toString('utf8'),
          ...(!isUtf8(bytes) && { raw: bytes }),
        };
      });
  const sqs = sqsBatch.safeParse(event);
  if (sqs.success) return sqs.data.Records.map(({ messageId, body }) => ({ name: messageId, text: body }));
  throw new EventMistake('the event is neither a batch of SQS nor of Kafka');
}
