import { type Invocation, openInvocation } from '../runtime/deadline.ts';
import type { RemainingTime } from '../runtime/handler.ts';
import type { ApiParts } from './http/endpoint.ts';

/** Reserved for the response, in milliseconds: at most `part` of the remaining time. */
const forResponse = { ms: 500, part: 0.1 };
/** Reserved after a bucket or queue that did not respond: the row of an upload is removed. */
const forRows = { ms: 2_500, part: 0.25 };

/** Binds a deadline to all parts for one invocation: bounded calls can together exceed Lambda's timeout. */
export function withinInvocation(
  parts: ApiParts,
  remaining: RemainingTime,
): { parts: ApiParts; close(): void } {
  const { bucket, database, queue, quotas } = parts;
  const left = remaining();
  const open = ({ ms, part }: typeof forResponse): Invocation =>
    openInvocation(remaining, Math.min(ms, left * part));
  const response = open(forResponse);
  const rows = open(forRows);
  return {
    parts: {
      ...parts,
      database: {
        ...database,
        run: (work) => database.run(work, { signal: response.signal }),
        transaction: (work) => database.transaction(work, { signal: response.signal }),
      },
      bucket: {
        headOriginal: (key) => bucket.headOriginal(key, rows.signal),
        putOriginal: (original) => bucket.putOriginal(original, rows.signal),
      },
      quotas: {
        ...quotas,
        take: (tenant, amounts) => quotas.take(tenant, amounts, response.signal),
        flush: () => quotas.flush(response.signal),
      },
      queue: { sendJobs: (jobs) => queue.sendJobs(jobs, rows.signal) },
    },
    close() {
      response.close();
      rows.close();
    },
  };
}
