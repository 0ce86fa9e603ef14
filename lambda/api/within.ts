import { type Invocation, openInvocation } from '../runtime/deadline.ts';
import type { RemainingTime } from '../runtime/handler.ts';
import type { ApiParts } from './endpoint.ts';

/** Reserved for the response, in milliseconds: at most `part` of the remaining time. */
const forAnswer = { ms: 500, part: 0.1 };
/** Reserved after a bucket or queue that did not respond: the row of an upload is removed. */
const forRows = { ms: 2_500, part: 0.25 };

/** Binds a deadline to all parts for one invocation: bounded calls can together exceed Lambda's timeout. */
export function withinInvocation(
  parts: ApiParts,
  remaining: RemainingTime,
): { parts: ApiParts; close(): void } {
  const { bucket, database, queue } = parts;
  const left = remaining();
  const open = ({ ms, part }: typeof forAnswer): Invocation =>
    openInvocation(remaining, Math.min(ms, left * part));
  const answer = open(forAnswer);
  const rows = open(forRows);
  return {
    parts: {
      ...parts,
      database: {
        ...database,
        run: (work) => database.run(work, { signal: answer.signal }),
        transaction: (work) => database.transaction(work, { signal: answer.signal }),
      },
      bucket: {
        headOriginal: (key) => bucket.headOriginal(key, rows.signal),
        putOriginal: (original) => bucket.putOriginal(original, rows.signal),
      },
      queue: { sendJobs: (jobs) => queue.sendJobs(jobs, rows.signal) },
    },
    close() {
      answer.close();
      rows.close();
    },
  };
}
