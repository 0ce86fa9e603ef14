import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import type { Surroundings } from './dependencies.ts';
import { hiddenSeconds, type Verdict } from './verdict.ts';

/** Kept back from the visibility calls, in milliseconds: an answer that comes too late acknowledges nothing. */
const answerMs = 300;

/**
 * Hides each message that stays for as long as its verdict says, and reports it as failed, which keeps the event
 * source mapping from deleting it. A visibility that cannot be changed keeps the queue's own timeout.
 */
export async function answer(
  verdicts: ReadonlyMap<SQSRecord, Verdict>,
  { queue, deadline, log, random = Math.random }: Surroundings,
): Promise<SQSBatchResponse> {
  const staying = [...verdicts].flatMap(([record, verdict]) => {
    const seconds = hiddenSeconds(verdict, record, random);
    return seconds === undefined ? [] : [{ record, seconds }];
  });
  const hidden = Promise.all(
    staying.map(({ record, seconds }) =>
      queue.changeVisibility(record.receiptHandle, seconds).catch((error: unknown) => {
        log.warn('The visibility could not be changed', { messageId: record.messageId, error });
      }),
    ),
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, deadline.remaining() - answerMs));
  });
  await Promise.race([hidden, late]);
  clearTimeout(timer);
  return { batchItemFailures: staying.map(({ record }) => ({ itemIdentifier: record.messageId })) };
}
