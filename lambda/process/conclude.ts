import type { SQSRecord } from 'aws-lambda';
import { untilAborted } from '../runtime/deadline.ts';
import { type Decided, sendDead } from './dead.ts';
import type { Surroundings } from './dependencies.ts';
import { receiveCount } from './records.ts';
import { hiddenSeconds } from './verdict.ts';

/**
 * Tells the queues what was decided. What is dead goes to the dead-letter queue; each message that stays is hidden for
 * as long as its verdict says. Never throws and never waits longer than the invocation lasts: a message whose
 * visibility cannot be changed keeps the queue's own timeout.
 * @returns the messages that stay in the queue, to be reported as failed: the others are deleted.
 */
export async function conclude(decided: Decided, surroundings: Surroundings): Promise<SQSRecord[]> {
  const { queue, deadline, log, random = Math.random } = surroundings;
  for (const record of decided.unparsable)
    log.error('Not a job', { messageId: record.messageId, receiveCount: receiveCount(record) });
  const ofRecords = await sendDead(decided, surroundings);
  const staying = [...ofRecords].flatMap(([record, verdict]) => {
    const seconds = hiddenSeconds(verdict, record, random);
    return seconds === undefined ? [] : [{ record, seconds }];
  });
  const hidden = Promise.all(
    staying.map(({ record, seconds }) =>
      queue.changeVisibility(record.receiptHandle, seconds, deadline.answer).catch((error: unknown) => {
        log.warn('The visibility could not be changed', { messageId: record.messageId, error });
      }),
    ),
  );
  await untilAborted(hidden, deadline.answer).catch(() => undefined);
  return staying.map(({ record }) => record);
}
