import type { SQSRecord } from 'aws-lambda';
import { type Job, parseJob } from '../domain/job.ts';

/** An image of a batch with all messages that name it: SQS may deliver a job twice, even in one batch. */
export interface Assignment extends Omit<Job, 'version'> {
  /** Versions of the uploads that the messages name. */
  versions: string[];
  records: SQSRecord[];
  /** Seconds that the oldest of them waited in the queue; undefined if the queue does not report it. */
  waitedSeconds?: number;
}

/** Between sending and first receipt, both by the clock of SQS: no other clock may differ from it. */
function secondsWaited({ attributes }: SQSRecord): { waitedSeconds?: number } {
  const milliseconds = Number(attributes.ApproximateFirstReceiveTimestamp) - Number(attributes.SentTimestamp);
  return Number.isFinite(milliseconds) ? { waitedSeconds: Math.max(0, milliseconds) / 1000 } : {};
}

/** How often SQS has delivered this message, including now. Only back-off uses it. */
export function receiveCount(record: SQSRecord): number {
  const count = Number(record.attributes.ApproximateReceiveCount);
  return Number.isInteger(count) && count > 0 ? count : 1;
}

/**
 * Seconds that images received for the first time waited in the queue at most. Retried ones show nothing of the backlog,
 * nor do those to complete, which wait behind all other work.
 */
export function longestWait(assignments: readonly Assignment[]): number {
  const waits = assignments
    .filter(
      ({ complete, records }) => complete !== true && records.some((record) => receiveCount(record) === 1),
    )
    .map(({ waitedSeconds = 0 }) => waitedSeconds);
  return Math.max(0, ...waits);
}

/** Reads the records of a batch: each image once, and the records that are no jobs. */
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
    const assignment = {
      ...job,
      versions: version === undefined ? [] : [version],
      records: [record],
      ...secondsWaited(record),
    };
    // The tenant is part of the identity: a message with another tenant's image id names no image.
    const identity = `${job.tenant}/${job.imageId}`;
    const known = byImage.get(identity);
    byImage.set(identity, known === undefined ? assignment : joined(known, assignment));
  }
  return { assignments: [...byImage.values()], unparsable };
}

/**
 * The latest failure counts: an older one restarts nothing. Each message may name an upload of its own. Only messages to
 * complete the image complete it.
 */
function joined(known: Assignment, next: Assignment): Assignment {
  const { complete: _, ...rest } = known;
  const failedAttempt = Math.max(known.failedAttempt ?? -1, next.failedAttempt ?? -1);
  return {
    ...rest,
    ...(known.complete === true && next.complete === true ? { complete: true } : {}),
    ...(failedAttempt < 0 ? {} : { failedAttempt }),
    ...(known.waitedSeconds === undefined
      ? {}
      : { waitedSeconds: Math.max(known.waitedSeconds, next.waitedSeconds ?? 0) }),
    versions: [...known.versions, ...next.versions],
    records: [...known.records, ...next.records],
  };
}
