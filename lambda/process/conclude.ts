import type { SQSRecord } from 'aws-lambda';
import { untilAborted } from '../runtime/deadline.ts';
import { announceReady } from './announce.ts';
import { sendDead } from './dead.ts';
import type { Surroundings } from './dependencies.ts';
import { type Assignment, receiveCount } from './records.ts';
import { hiddenSeconds, type Verdict } from './verdict.ts';

/** Images with their verdicts, and the messages that are no jobs. */
export interface Decided {
  verdicts: ReadonlyMap<Assignment, Verdict>;
  unparsable: readonly SQSRecord[];
}

/**
 * Tells the event bus and the queues what was decided. What is dead goes to the dead-letter queue; each message that stays is hidden for
 * as long as its verdict says. Never throws and never waits longer than the invocation lasts: a message whose
 * visibility cannot be changed keeps the queue's own timeout.
 * @returns the messages that stay in the queue, to be reported as failed: the others are deleted.
 */
export async function conclude(
  { verdicts, unparsable }: Decided,
  surroundings: Surroundings,
): Promise<SQSRecord[]> {
  const { queue, deadline, log, random = Math.random } = surroundings;
  for (const record of unparsable)
    log.error('Not a job', { messageId: record.messageId, receiveCount: receiveCount(record) });
  const settled = await announceReady(verdicts, surroundings);
  const ofRecords = await sendDead({ verdicts: settled, unparsable }, surroundings);
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
