import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import type { OutgoingMessage } from '../../lambda/aws/message-queue.ts';
import { createHandler } from '../../lambda/deliver/handler.ts';
import { readDeliveryRequest } from '../../lambda/deliver/read-request.ts';
import type { Dependencies } from '../../lambda/dispatch/dependencies.ts';
import { readMessages } from '../../lambda/dispatch/read-messages.ts';
import { sendDue } from '../../lambda/dispatch/send-due.ts';
import type { CallOutcome, DeliveryRequest } from '../../lambda/domain/webhook.ts';
import { dueMessage } from '../../lambda/domain/webhook.ts';
import { secretOf } from '../../lambda/domain/webhook-secret.ts';
import { invocation, recordingLog } from '../unit/process/test-worker.ts';
import { recordings } from './recordings.ts';

const bodiesOf = (kind: string) =>
  recordings(kind).flatMap(({ message }) => (message as SQSEvent).Records.map(({ body }) => body));

/** A queue that accepts every message. */
function openQueue() {
  const sent: OutgoingMessage[] = [];
  const send = async (messages: readonly OutgoingMessage[]) => {
    sent.push(...messages);
    return new Map<number, string>();
  };
  return { sent, send };
}

describe('a request to deliver', () => {
  it('a recorded request is read in full', () => {
    const bodies = bodiesOf('deliveries');
    expect(bodies.map((body) => JSON.stringify(readDeliveryRequest(body)))).toEqual(bodies);
  });

  it('a request is sent in the recorded form', async () => {
    const [recorded = ''] = bodiesOf('deliveries');
    const { endpoint, event, sending, attempt, url, body, signedAt } = JSON.parse(
      recorded,
    ) as DeliveryRequest;
    const secrets = [1, 2].map((byte) => secretOf(Buffer.alloc(32, byte)));
    const due = [{ endpoint, event, sending, attempt, url, body, secrets }];
    const deliveries = openQueue();
    const database = { transaction: async () => due };
    const now = () => signedAt;
    await sendDue({ database, deliveries, inFlight: 1, now } as unknown as Dependencies, AbortSignal.any([]));
    expect(deliveries.sent, 'record the new form first').toEqual([{ body: recorded, group: endpoint }]);
  });
});

describe('the result of a request', () => {
  it('recorded results are read in full, and nothing is unknown', () => {
    const [recorded] = recordings('results');
    const { results, unknown } = readMessages(recorded?.message as SQSEvent);
    const bodies = bodiesOf('results').map((body) => JSON.parse(body) as object);
    expect(results).toEqual(bodies.filter((body) => 'outcome' in body));
    expect({ unknown, results: results.length }).toEqual({ unknown: 0, results: 3 });
  });

  it('results and the message that something is due are sent in the recorded form', async () => {
    const outcomes: CallOutcome[] = [
      { kind: 'response', status: 503, retryAfter: '120' },
      { kind: 'fault', fault: 'timed_out' },
      { kind: 'stale' },
    ];
    const deliveryResults = openQueue();
    const [recorded] = recordings('deliveries');
    const requests = bodiesOf('deliveries').map((body) => JSON.parse(body) as DeliveryRequest);
    const handler = createHandler({
      call: async ({ headers }) =>
        outcomes[requests.findIndex((one) => one.event === headers['webhook-id'])] ?? { kind: 'stale' },
      deliveryResults,
      log: recordingLog(),
      now: () => requests[0]?.signedAt ?? 0,
    });
    await handler(
      recorded?.message as SQSEvent,
      invocation(() => 60_000),
    );
    const sent = [...deliveryResults.sent.map(({ body }) => body), dueMessage];
    expect(sent.sort(), 'record the new form first').toEqual(bodiesOf('results').sort());
  });
});
