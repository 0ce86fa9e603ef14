import { openInvocation } from '../deadline.ts';
import { lambdaHandler } from '../handler.ts';
import type { Log } from '../logger.ts';
import { type BatchResponse, consumeBatch, type Received, type Refused } from './consume.ts';
import type { RecordName } from './records.ts';

/** A record as the queue of refused events gets it. */
interface ParkedRecord {
  text: string;
  raw: Uint8Array | undefined;
  code: string;
  place: Exclude<RecordName, string> | undefined;
}

/** What a consumer is made of. */
export interface ConsumerParts {
  /** As `Consumer.apply`; the signal aborts when the invocation ends. */
  apply(received: readonly Received[], signal: AbortSignal): Promise<void>;
  /** The queue of refused events. */
  refusedEvents: {
    send(failed: readonly ParkedRecord[], signal: AbortSignal): Promise<boolean[]>;
  };
  /** Awaited at the end of each invocation. */
  close(): Promise<void>;
  log: Log;
}

/** Reserved for parking what was refused and for the response, in milliseconds. */
const keepMs = 3_000;

/** The handler of a function that takes batches of events. */
export function consumerHandler({ apply, refusedEvents, close, log }: ConsumerParts) {
  return lambdaHandler(log, async (batch: unknown, remaining): Promise<BatchResponse> => {
    const invocation = openInvocation(remaining, keepMs);
    const answer = openInvocation(remaining, 500);
    const park = (refused: readonly Refused[]) =>
      refusedEvents.send(
        refused.map(({ record: { name, text, raw }, reason }) => ({
          text,
          raw,
          code: reason.code,
          place: typeof name === 'string' ? undefined : name,
        })),
        answer.signal,
      );
    try {
      return await consumeBatch(batch, {
        apply: (received) => apply(received, invocation.signal),
        park,
        log,
      });
    } finally {
      invocation.close();
      answer.close();
      await close();
    }
  });
}
