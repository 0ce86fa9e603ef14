import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import pLimit from 'p-limit';
import { untilAborted } from '../runtime/deadline.ts';
import type { RemainingTime } from '../runtime/handler.ts';
import { countOutages } from '../runtime/metrics.ts';
import { claimAdmitted } from './claim-admitted.ts';
import { claimBatch } from './claim-batch.ts';
import { conclude } from './conclude.ts';
import { openDeadline } from './deadline.ts';
import type { BatchContext, Dependencies } from './dependencies.ts';
import { workInLanes } from './lanes.ts';
import { type Assignment, readRecords } from './records.ts';
import type { Verdict } from './verdict.ts';

/*
 * Five shapes lead from an SQS record to the partial batch response:
 * - Job (domain/job.ts): the body of a message;
 * - Assignment (records.ts): an image, with all messages that name it;
 * - Claim (postgres/images/claim.ts): the result of the claim: work on it, and if not, why;
 * - Outcome (recorder.ts): the result of the work, as it is recorded;
 * - Verdict (verdict.ts): what happens to the messages.
 */

/** Concurrent puts of a whole batch: small objects, and S3 responds in about 30 ms. */
const putsInFlight = 8;

/**
 * Processes a batch of messages and reports those that stay in the queue. No message affects another. A database that is
 * slow gets fewer of them, and one that is unavailable is awaited (claim-admitted.ts).
 *
 * Images that failed before are processed after the others, each claimed alone. Of those that may have killed a worker
 * only one is processed, last: the verdicts of all others are sent to the queue first, and the other suspects return for
 * another invocation, so that none of them waits behind one that kills this worker too.
 */
export async function processBatch(
  records: readonly SQSRecord[],
  dependencies: Dependencies & Pick<BatchContext, 'pressure' | 'brownOut'>,
  remaining: RemainingTime,
): Promise<SQSBatchResponse> {
  const { settings, metrics } = dependencies;
  const deadline = openDeadline(remaining, settings.limits.decodeTimeoutMs);
  const context: BatchContext = { ...dependencies, deadline, puts: pLimit(putsInFlight), errors: [] };
  try {
    const staying = await workAndConclude(records, context);
    return { batchItemFailures: staying.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  } finally {
    countOutages(context.errors, metrics);
    await untilAborted(context.nudges.settled(), deadline.answer).catch(() => undefined);
    deadline.close();
  }
}

async function workAndConclude(records: readonly SQSRecord[], context: BatchContext): Promise<SQSRecord[]> {
  const { assignments, unparsable } = readRecords(records);
  const { claims, waiting } = await claimAdmitted(assignments, context);
  const verdicts = await workInLanes(claims, context);
  for (const left of waiting) verdicts.set(...left);
  const deadly: Assignment[] = [];
  for (const [assignment, claim] of claims) {
    if (claim?.outcome !== 'suspect') continue;
    if (claim.deadly) deadly.push(assignment);
    else for (const decided of await workAlone(assignment, context)) verdicts.set(...decided);
  }
  const [last, ...others] = deadly;
  for (const assignment of others) verdicts.set(assignment, 'soon');
  const staying = await conclude(verdicts, unparsable, context);
  if (last === undefined) return staying;
  return [...staying, ...(await conclude(await workAlone(last, context), [], context))];
}

async function workAlone(assignment: Assignment, context: BatchContext): Promise<Map<Assignment, Verdict>> {
  if (!context.deadline.mayStart()) return new Map([[assignment, 'soon']]);
  return workInLanes(await claimBatch([assignment], context, { alone: true }), context);
}
