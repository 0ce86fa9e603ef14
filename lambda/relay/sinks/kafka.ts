import type { ImageEvent } from '../../domain/event.ts';
import { KafkaFailure } from '../../kafka/failure.ts';
import type { EventProducer } from '../../kafka/producer.ts';
import type { Log } from '../../runtime/logger.ts';
import type { Answer, Sink } from '../sink.ts';

/**
 * Sends events to a topic: all of a call but those that are too large for it, or none as far as it is known. What was written in a call that failed is written
 * again, with the same ids and in the same order.
 */
export function kafkaSink(producer: EventProducer, log: Log): Sink {
  /** The topic's limit is one of a request: halves of it may fit, and the event that alone does not is refused. */
  async function sendParts(events: readonly ImageEvent[], signal: AbortSignal): Promise<Answer[]> {
    try {
      await producer.send(events, signal);
      return events.map(() => true);
    } catch (error) {
      if (!(error instanceof KafkaFailure) || error.code !== 'event_too_large') throw error;
      if (events.length === 1) return [{ refused: error.code }];
    }
    const half = Math.ceil(events.length / 2);
    const first = await sendParts(events.slice(0, half), signal);
    return [...first, ...(await sendParts(events.slice(half), signal))];
  }
  return {
    name: 'kafka',
    async send(events, signal) {
      try {
        return await sendParts(events, signal);
      } catch (error) {
        const code = error instanceof KafkaFailure ? error.code : undefined;
        log.error('Kafka did not take the events', { code, events: events.length, error });
        return events.map(() => false);
      }
    },
  };
}
