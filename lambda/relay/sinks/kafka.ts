import { KafkaFailure } from '../../kafka/failure.ts';
import type { EventProducer } from '../../kafka/producer.ts';
import type { Log } from '../../runtime/logger.ts';
import type { Sink } from '../sink.ts';

/**
 * Sends events to a topic: all of a call, or none as far as it is known. What was written in a call that failed is written
 * again, with the same ids and in the same order.
 */
export function kafkaSink(producer: EventProducer, log: Log): Sink {
  return {
    name: 'kafka',
    async send(events, signal) {
      try {
        await producer.send(events, signal);
        return events.map(() => true);
      } catch (error) {
        const code = error instanceof KafkaFailure ? error.code : undefined;
        log.error('Kafka did not take the events', { code, events: events.length, error });
        return events.map(() => false);
      }
    },
  };
}
