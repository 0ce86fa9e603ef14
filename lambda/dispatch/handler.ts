import type { SQSEvent } from 'aws-lambda';
import { dueMessage } from '../domain/webhook.ts';
import { giveUpOld } from '../postgres/webhooks/retention.ts';
import { openInvocation } from '../runtime/deadline.ts';
import { lambdaHandler } from '../runtime/handler.ts';
import type { Dependencies } from './dependencies.ts';
import { readMessages } from './read-messages.ts';
import { sendDue } from './send-due.ts';
import { settleInTime } from './settle-in-time.ts';

/** Reserved for the last statement and message, in milliseconds. */
const answerMs = 8_000;
/** The schedule finds what is due later, in seconds. */
const scheduleSeconds = 60;
/** Small rows found by an index: a step takes well under a second. */
const oldPerStep = 1_000;

/**
 * Records the results in a batch, then sends what is due. A message of the schedule also gives up what is too old. A batch
 * whose results could not be recorded returns as a whole: each of them counts once, whatever was recorded before.
 */
export function createHandler(dependencies: Dependencies) {
  const { database, deliveryResults, log, metrics } = dependencies;
  return lambdaHandler(dependencies.log, async (event: SQSEvent, remaining) => {
    const { signal, close } = openInvocation(remaining, answerMs);
    const messages = readMessages(event);
    if (messages.unknown > 0) log.error('Dropped messages that are no results', { count: messages.unknown });
    try {
      const settled =
        messages.results.length === 0
          ? undefined
          : await settleInTime(messages.results, dependencies, signal);
      const old = messages.scheduled ? await giveUp(dependencies, signal) : 0;
      const { sent, more } = await sendDue(dependencies, signal);
      const soon = (settled?.dueIn ?? []).filter((seconds) => seconds <= scheduleSeconds);
      await deliveryResults.send([
        ...(more ? [{ body: dueMessage }] : []),
        // The jitter spreads them, so at most one a second.
        ...[...new Set(soon.map(Math.ceil))].map((delaySeconds) => ({ body: dueMessage, delaySeconds })),
      ]);
      const { delivered = 0, failed = 0, dead = 0, stopped = 0 } = settled ?? {};
      if (delivered > 0) metrics.add('WebhookCalls', { Result: 'delivered' }, delivered);
      if (failed > 0) metrics.add('WebhookCalls', { Result: 'failed' }, failed);
      if (dead + old > 0) metrics.add('WebhookDeliveriesDead', {}, dead + old);
      if (stopped > 0) metrics.add('WebhooksStopped', {}, stopped);
      if (sent + delivered + failed + old > 0)
        log.info('Dispatched', { sent, delivered, failed, dead: dead + old, stopped });
      return { batchItemFailures: [] };
    } finally {
      close();
      await database.close();
    }
  });
}

async function giveUp({ database }: Dependencies, signal: AbortSignal): Promise<number> {
  let sum = 0;
  while (!signal.aborted) {
    const count = await database.run((connection) => giveUpOld(connection, { limit: oldPerStep }));
    sum += count;
    if (count < oldPerStep) break;
  }
  return sum;
}
