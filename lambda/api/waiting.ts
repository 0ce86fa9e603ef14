import { countUnfinished } from '../postgres/images/admission.ts';
import type { ApiParts } from './endpoint.ts';
import { secondsToPoll } from './polling.ts';

/**
 * Seconds until somebody should look at an image that is not at its end. Counts what waits where this environment has
 * not done so for a while; what cannot be counted is taken for full.
 */
export async function secondsToWait(
  { admission, database, log, settings }: ApiParts,
  createdAt: Date = new Date(),
): Promise<number> {
  const { maxBacklog } = settings.admission;
  if (admission.backlog() === undefined)
    await database
      .run((connection) => countUnfinished(connection, maxBacklog))
      .then(admission.counted, (error: unknown) => log.warn('The backlog could not be counted', { error }));
  const unfinished = admission.backlog() ?? maxBacklog;
  const { requestsPerSecond } = settings.gateway;
  return secondsToPoll(
    { ageMs: Date.now() - createdAt.getTime(), unfinished, requestsPerSecond },
    Math.random,
  );
}
