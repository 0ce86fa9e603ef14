import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { MessageQueue } from '../aws/message-queue.ts';
import {
  type CallOutcome,
  type DeliveryRequest,
  type DispatchMessage,
  staleSeconds,
} from '../domain/webhook.ts';
import { openInvocation } from '../runtime/deadline.ts';
import { lambdaHandler } from '../runtime/handler.ts';
import type { Log } from '../runtime/logger.ts';
import type { Call } from './call.ts';
import { readDeliveryRequest } from './read-request.ts';

export interface Dependencies {
  call: Call;
  deliveryResults: MessageQueue;
  log: Log;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Reserved to send results, in milliseconds. */
const answerMs = 5_000;

/**
 * Calls the endpoints of a batch at once and sends each result as soon as it is there, so that a slow endpoint delays no
 * other. A request whose result cannot be sent returns to the queue; it is stale by then, so `dispatch` decides anew.
 */
export function createHandler({ call, deliveryResults, log, now }: Dependencies) {
  const outcomeOf = async (request: DeliveryRequest, signal: AbortSignal): Promise<CallOutcome> => {
    const stale = now() - request.signedAt > 1_000 * staleSeconds;
    return stale ? { kind: 'stale' } : call(request, signal);
  };
  return lambdaHandler(log, async (event: SQSEvent, remaining): Promise<SQSBatchResponse> => {
    const { signal, close } = openInvocation(remaining, answerMs);
    const each = event.Records.map(async ({ body, messageId }) => {
      const request = readDeliveryRequest(body);
      if (request === undefined) {
        log.error('Dropped a message that is no request', { messageId });
        return [];
      }
      const outcome = await outcomeOf(request, signal);
      const { endpoint, event, sending, attempt } = request;
      log.info('Called an endpoint', { endpoint, event, attempt, outcome });
      const result: DispatchMessage = { v: 1, kind: 'result', endpoint, event, sending, attempt, outcome };
      const unsent = await deliveryResults.send([{ body: JSON.stringify(result) }]);
      return unsent.size > 0 ? [{ itemIdentifier: messageId }] : [];
    });
    try {
      return { batchItemFailures: (await Promise.all(each)).flat() };
    } finally {
      close();
    }
  });
}
