import { randomUUID } from 'node:crypto';
import type { AdmissionPolicy } from '../../policy/admission-memory.ts';
import { secondsToPoll } from '../../policy/polling.ts';
import { syncBacklog } from '../../postgres/backlog/sync.ts';
import type { ApiParts } from '../http/endpoint.ts';

/** Name of this environment among those that share turns. */
const environment = randomUUID();

/** The policy, with a snapshot of the last second. */
export async function freshAdmission({ admission, database }: ApiParts): Promise<AdmissionPolicy> {
  if (admission.stale())
    admission.learn(await database.run((connection) => syncBacklog(connection, { environment })));
  return admission;
}

/** Seconds until a client should poll again, by the number of unfinished images, or the limit if that is unknown. */
export async function secondsToWait(parts: ApiParts, createdAt: Date = new Date()): Promise<number> {
  const { log, settings } = parts;
  const admission = await freshAdmission(parts).catch((error: unknown) => {
    log.warn('The backlog could not be counted', { error });
    return parts.admission;
  });
  const unfinished = admission.unfinished() ?? settings.admission.maxBacklog;
  const { requestsPerSecond } = settings.gateway;
  return secondsToPoll(
    { ageMs: Date.now() - createdAt.getTime(), unfinished, requestsPerSecond },
    Math.random,
  );
}
