import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import pLimit from 'p-limit';
import type { RemainingTime } from '../runtime/handler.ts';
import { answer } from './answer.ts';
import { claimBatch, type Held } from './claim-batch.ts';
import { openDeadline } from './deadline.ts';
import type { Dependencies } from './dependencies.ts';
import { runJob } from './job.ts';
import { readRecords, receiveCount } from './records.ts';
import { settle } from './settle.ts';
import type { Verdict } from './verdict.ts';

/** Puts of all jobs of a batch at once: small objects, and S3 answers in about 30 ms. */
const putsInFlight = 8;

/**
 * Works on a batch of messages and says which of them stay in the queue. One message's trouble is never another's.
 *
 * Images that failed before run last, one by one, each recorded before the next begins: one that kills the worker
 * then takes nothing with it that is not recorded yet.
 */
export async function processBatch(
  records: readonly SQSRecord[],
  dependencies: Dependencies,
  remaining: RemainingTime,
): Promise<SQSBatchResponse> {
  const { settings, log } = dependencies;
  const deadline = openDeadline(remaining, settings.limits.decodeTimeoutMs);
  const surroundings = { ...dependencies, deadline, puts: pLimit(putsInFlight) };
  const { assignments, unparsable } = readRecords(records);
  const { held, verdicts } = await claimBatch(assignments, surroundings);

  async function work(images: readonly Held[]): Promise<void> {
    const inFlight = pLimit(settings.process.jobsInFlight);
    const outcomes = await inFlight.map(images, ({ image }) => runJob(image, surroundings));
    const settled = await settle(outcomes, surroundings);
    for (const { image, assignment } of images)
      verdicts.set(assignment, settled.get(image.imageId) ?? 'again');
  }
  await work(held.filter(({ image }) => image.failures === 0));
  for (const suspect of held.filter(({ image }) => image.failures > 0)) await work([suspect]);

  const ofRecords = new Map<SQSRecord, Verdict>();
  for (const record of unparsable) {
    log.error('Not a job', { messageId: record.messageId, receiveCount: receiveCount(record) });
    ofRecords.set(record, 'dead');
  }
  for (const [{ records: same }, verdict] of verdicts)
    for (const record of same) ofRecords.set(record, verdict);
  return answer(ofRecords, surroundings);
}
