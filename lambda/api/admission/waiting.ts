import { secondsToPoll } from '../../policy/polling.ts';
import { countUnfinished } from '../../postgres/images/admission.ts';
import type { ApiParts } from '../http/endpoint.ts';

/** Seconds until a client should poll again, from a cached count of unfinished images, or the limit if counting fails. */
export async function secondsToWait(
  { admission, database, log, settings }: ApiParts,
  createdAt: Date = new Date(),
): Promise<number> {
  const { maxBacklog } = settings.admission;
  if (admission.unfinished() === undefined)
    await database
      .run((connection) => countUnfinished(connection, maxBacklog))
      .then(admission.counted, (error: unknown) => log.warn('The backlog could not be counted', { error }));
  const unfinished = admission.unfinished() ?? maxBacklog;
  const { requestsPerSecond } = settings.gateway;
  return secondsToPoll(
    { ageMs: Date.now() - createdAt.getTime(), unfinished, requestsPerSecond },
    Math.random,
  );
}
