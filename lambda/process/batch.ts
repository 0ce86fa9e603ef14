import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import pLimit from 'p-limit';
import type { RemainingTime } from '../runtime/handler.ts';
import { claimBatch, type Suspect } from './claim-batch.ts';
import { conclude } from './conclude.ts';
import { openDeadline } from './deadline.ts';
import type { Dependencies, Surroundings } from './dependencies.ts';
import { type Assignment, readRecords } from './records.ts';
import { workTogether } from './together.ts';
import type { Verdict } from './verdict.ts';

/** Puts of all jobs of a batch at once: small objects, and S3 answers in about 30 ms. */
const putsInFlight = 8;

/**
 * Works on a batch of messages and says which of them stay in the queue. One message's trouble is never another's.
 *
 * Images that failed before run after the others, each claimed alone. Of those that may have killed a worker only one
 * runs, last of all: whatever was decided before is told to the queue first, and the others of its kind go back for
 * another invocation, so that none of them waits behind one that kills this worker too.
 */
export async function processBatch(
  records: readonly SQSRecord[],
  dependencies: Dependencies,
  remaining: RemainingTime,
): Promise<SQSBatchResponse> {
  const { settings } = dependencies;
  const deadline = openDeadline(remaining, settings.limits.decodeTimeoutMs);
  const surroundings = { ...dependencies, deadline, puts: pLimit(putsInFlight) };
  try {
    const staying = await workAndConclude(records, surroundings);
    return { batchItemFailures: staying.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  } finally {
    deadline.close();
  }
}

async function workAndConclude(
  records: readonly SQSRecord[],
  surroundings: Surroundings,
): Promise<SQSRecord[]> {
  const { assignments, unparsable } = readRecords(records);
  const batch = await claimBatch(assignments, surroundings, { alone: assignments.length === 1 });
  const verdicts = new Map([...batch.verdicts, ...(await workTogether(batch.held, surroundings))]);
  for (const { assignment } of batch.suspects.filter(({ deadly }) => !deadly))
    for (const told of await workAlone(assignment, surroundings)) verdicts.set(...told);

  const [last, ...others] = batch.suspects.filter(({ deadly }) => deadly);
  for (const { assignment } of others) verdicts.set(assignment, 'soon');
  const staying = await conclude({ verdicts, unparsable }, surroundings);
  return last === undefined ? staying : [...staying, ...(await workOnLast(last, surroundings))];
}

async function workOnLast({ assignment }: Suspect, surroundings: Surroundings): Promise<SQSRecord[]> {
  const verdicts = await workAlone(assignment, surroundings);
  return conclude({ verdicts, unparsable: [] }, surroundings);
}

async function workAlone(
  assignment: Assignment,
  surroundings: Surroundings,
): Promise<Map<Assignment, Verdict>> {
  if (!surroundings.deadline.mayStart()) return new Map([[assignment, 'soon']]);
  const { held, verdicts } = await claimBatch([assignment], surroundings, { alone: true });
  return new Map([...verdicts, ...(await workTogether(held, surroundings))]);
}
