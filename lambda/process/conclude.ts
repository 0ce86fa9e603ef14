import type { SQSRecord } from 'aws-lambda';
import { untilAborted } from '../runtime/deadline.ts';
import { sendDead } from './dead.ts';
import type { BatchContext } from './dependencies.ts';
import { type Assignment, receiveCount } from './records.ts';
import { hiddenSeconds, type Verdict } from './verdict.ts';

/**
 * Carries out verdicts: sends dead messages to the dead-letter queue, and hides each message that stays.
 * Never throws and never outlasts the invocation: a message whose visibility cannot be changed keeps the queue's timeout.
 * @param unparsable messages that are no jobs.
 * @returns the messages that stay in the queue, to be reported as failed; the others are deleted.
 */
export async function conclude(
  verdicts: ReadonlyMap<Assignment, Verdict>,
  unparsable: readonly SQSRecord[],
  context: BatchContext,
): Promise<SQSRecord[]> {
  const { queue, deadline, log, random = Math.random } = context;
  for (const record of unparsable)
    log.error('Not a job', { messageId: record.messageId, receiveCount: receiveCount(record) });
  const ofRecords = await sendDead(verdicts, unparsable, context);
  const staying: SQSRecord[] = [];
  const changes: Promise<void>[] = [];
  for (const [record, verdict] of ofRecords) {
    const seconds = hiddenSeconds(verdict, record, random);
    if (seconds === undefined) continue;
    staying.push(record);
    const { messageId, receiptHandle } = record;
    changes.push(
      queue.changeVisibility(receiptHandle, seconds, deadline.answer).catch((error: unknown) => {
        log.warn('The visibility could not be changed', { messageId, error });
      }),
    );
  }
  await untilAborted(Promise.all(changes), deadline.answer).catch(() => undefined);
  return staying;
}
