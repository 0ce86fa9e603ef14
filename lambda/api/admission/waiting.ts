import { secondsToPoll } from '../../policy/polling.ts';
import type { ApiParts } from '../http/endpoint.ts';
import { freshAdmission } from './fresh-admission.ts';

/** Seconds until a client should poll an image again, by its tenant's place in line as it was last known. */
export async function secondsToWait(
  parts: ApiParts,
  tenant: string,
  createdAt: Date = new Date(),
): Promise<number> {
  const { log, settings } = parts;
  const admission = await freshAdmission(parts).catch((error: unknown) => {
    log.warn('The backlog could not be read', { error });
    return parts.admission;
  });
  const { requestsPerSecond } = settings.gateway;
  return secondsToPoll(
    { ageMs: Date.now() - createdAt.getTime(), ...admission.progress(tenant), requestsPerSecond },
    Math.random,
  );
}
