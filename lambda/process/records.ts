import type { SQSRecord } from 'aws-lambda';
import { type Job, parseJob } from '../domain/job.ts';

/** One image of a batch with all messages that name it: a queue may deliver the same job twice, even in one batch. */
export interface Assignment extends Omit<Job, 'version'> {
  /** Of the uploads that the messages tell of. */
  versions: string[];
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
    const parsed = parseJob(record.body);
    if (parsed === undefined) {
      unparsable.push(record);
      continue;
    }
    const { version, ...job } = parsed;
    const assignment = { ...job, versions: version === undefined ? [] : [version], records: [record] };
    // The tenant belongs to the identity: a message with another tenant's image id names nothing.
    const identity = `${job.tenant}/${job.imageId}`;
    const known = byImage.get(identity);
    byImage.set(identity, known === undefined ? assignment : joined(known, assignment));
  }
  return { assignments: [...byImage.values()], unparsable };
}

/**
 * Of several messages about one image the youngest failure counts: an older one starts nothing over. Each may tell of an
 * upload of its own.
 */
function joined(known: Assignment, next: Assignment): Assignment {
  const failedAttempt = Math.max(known.failedAttempt ?? -1, next.failedAttempt ?? -1);
  return {
    ...known,
    ...(failedAttempt < 0 ? {} : { failedAttempt }),
    versions: [...known.versions, ...next.versions],
    records: [...known.records, ...next.records],
  };
}
