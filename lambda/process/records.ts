import type { SQSRecord } from 'aws-lambda';
import { type Job, parseJob } from '../domain/job.ts';

/** One image of a batch with all messages that name it: a queue may deliver the same job twice, even in one batch. */
export interface Assignment extends Job {
  records: SQSRecord[];
}

/** How often SQS has handed out this message, this time included. Back-off goes by it, and nothing else. */
export function receiveCount(record: SQSRecord): number {
  const count = Number(record.attributes.ApproximateReceiveCount);
  return Number.isInteger(count) && count > 0 ? count : 1;
}

/** Reads the records of a batch: the images they name, each once, and the records that name none. */
export function readRecords(records: readonly SQSRecord[]): {
  assignments: Assignment[];
  unparsable: SQSRecord[];
} {
  const byImage = new Map<string, Assignment>();
  const unparsable: SQSRecord[] = [];
  for (const record of records) {
    const job = parseJob(record.body);
    if (job === undefined) {
      unparsable.push(record);
      continue;
    }
    // The tenant belongs to the identity: a message with another tenant's image id names nothing.
    const identity = `${job.tenant}/${job.imageId}`;
    const known = byImage.get(identity);
    byImage.set(identity, known === undefined ? { ...job, records: [record] } : joined(known, job, record));
  }
  return { assignments: [...byImage.values()], unparsable };
}

/** Of several messages about one image the youngest failure counts: an older one starts nothing over. */
function joined(known: Assignment, job: Job, record: SQSRecord): Assignment {
  const failedAttempt = Math.max(known.failedAttempt ?? -1, job.failedAttempt ?? -1);
  return {
    ...known,
    ...job,
    ...(failedAttempt < 0 ? {} : { failedAttempt }),
    records: [...known.records, record],
  };
}
