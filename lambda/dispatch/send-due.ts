import type { OutgoingMessage } from '../aws/message-queue.ts';
import type { DeliveryRequest } from '../domain/webhook.ts';
import { type DueDelivery, releaseDeliveries, takeDue } from '../postgres/webhooks/take.ts';
import type { Dependencies } from './dependencies.ts';
import { signedHeaders } from './signature.ts';

/** Deliveries that are taken at once: ten batches of SQS. */
const limit = 100;

/**
 * Takes what is due and sends it to `deliver`, until nothing is left or the signal aborts. What SQS does not accept is due
 * again at once; what an execution took before it was killed is due again after three minutes.
 * @returns how many were sent, and whether more may be due
 */
export async function sendDue(
  { database, deliveries, inFlight, now, log }: Dependencies,
  signal: AbortSignal,
): Promise<{ sent: number; more: boolean }> {
  let sent = 0;
  while (!signal.aborted) {
    const due = await database.transaction((connection) => takeDue(connection, { inFlight, limit }));
    if (due.length === 0) return { sent, more: false };
    const unsent = await deliveries.send(due.map((delivery) => messageOf(delivery, now())));
    sent += due.length - unsent.size;
    if (unsent.size > 0) {
      log.warn('Requests were not sent', { count: unsent.size, reason: [...unsent.values()][0] });
      const back = due.filter((_, place) => unsent.has(place));
      await database.run((connection) => releaseDeliveries(connection, back));
      return { sent, more: true };
    }
    if (due.length < limit) return { sent, more: false };
  }
  return { sent, more: true };
}

/** A signed request. The secret stays here: `deliver` gets what it sends. */
function messageOf(delivery: DueDelivery, at: number): OutgoingMessage {
  const { endpoint, event, sending, attempt, url, secrets, body } = delivery;
  const request: DeliveryRequest = {
    v: 1,
    endpoint,
    event,
    sending,
    attempt,
    signedAt: at,
    url,
    headers: {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'user-agent': 'sluice-webhooks/1',
      ...signedHeaders({ id: event, timestamp: Math.floor(at / 1000), body }, secrets),
    },
    body,
  };
  return { body: JSON.stringify(request), group: endpoint };
}
