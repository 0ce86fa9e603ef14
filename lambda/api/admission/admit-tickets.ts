import { readHeldKey } from '../../postgres/images/idempotency.ts';
import {
  type BatchClaim,
  insertTickets,
  type KeptTicket,
  repeatedImages,
} from '../../postgres/images/ticket-batch.ts';
import type { NewImage } from '../../postgres/images/tickets.ts';
import type { TenantCall } from '../http/endpoint.ts';
import { Problem } from '../http/problem.ts';
import { overloaded } from './admit.ts';
import { type RequestKey, stillRunning } from './idempotency.ts';
import { refusedTicket, repeatedTicket, type TicketResult } from './ticket-results.ts';
import { issueTicket } from './upload-ticket.ts';
import { freshAdmission } from './waiting.ts';

/** Results in the order of the images. `replayed` if they are those of an earlier request. */
export interface TicketResults {
  results: TicketResult[];
  replayed: boolean;
}

/**
 * Decides on each image as `admit` does, and inserts all admitted ones in one statement. Nothing is inserted or kept if
 * none is admitted: the key can then be used again, as after a refused single ticket.
 * @param wanted images, and the problems of tickets that are invalid
 * @throws Problem `request_in_progress`, `idempotency_key_reused`; TransientFailure `database_unavailable`.
 */
export async function admitTickets(
  call: TenantCall,
  wanted: readonly (NewImage | Problem)[],
  key: RequestKey | undefined,
): Promise<TicketResults> {
  const { tenant, parts } = call;
  const decided = await decideEach(call, wanted);
  const kept = decided.map(
    (one): KeptTicket => (one instanceof Problem ? refusedTicket(one) : { id: one.id }),
  );
  const images = decided.filter((one): one is NewImage => !(one instanceof Problem));
  if (images.length > 0) {
    const { ticketSeconds } = parts.settings.uploads;
    const claim: BatchClaim | undefined = key && {
      ...key,
      keepSeconds: parts.settings.retention.idempotencySeconds,
      kept,
    };
    const expires = await parts.database.run((connection) =>
      insertTickets(connection, tenant, { images, ticketSeconds, claim }),
    );
    if (expires !== undefined) {
      parts.metrics.add('ImagesAdmitted', {}, images.length);
      return { results: await results(call, decided, expires), replayed: false };
    }
    for (const _ of images) parts.admission.withdraw(tenant);
  }
  const earlier = key && (await earlierResults(call, key));
  if (earlier !== undefined) return { results: earlier, replayed: true };
  // The key was in use at the insert and has expired since.
  if (images.length > 0) throw stillRunning(1);
  return { results: await results(call, decided, new Date()), replayed: false };
}

/** Replaces each image that is refused by its problem. */
async function decideEach(
  { tenant, parts }: TenantCall,
  wanted: readonly (NewImage | Problem)[],
): Promise<(NewImage | Problem)[]> {
  const admission = await freshAdmission(parts);
  return wanted.map((image) => {
    if (image instanceof Problem) return image;
    const decision = admission.decide(tenant);
    return decision.admitted ? image : overloaded(decision);
  });
}

function results(
  call: TenantCall,
  decided: readonly (NewImage | Problem)[],
  ticketExpiresAt: Date,
): Promise<TicketResult[]> {
  return Promise.all(
    decided.map((one) =>
      one instanceof Problem
        ? refusedTicket(one)
        : issueTicket(call, { ...one, sha256: one.sha256 ?? null, ticketExpiresAt }),
    ),
  );
}

/** @returns undefined if the key is free. */
async function earlierResults(
  call: TenantCall,
  { key, requestSha256 }: RequestKey,
): Promise<TicketResult[] | undefined> {
  const { tenant, parts } = call;
  const held = await parts.database.run((connection) => readHeldKey(connection, tenant, key));
  if (held === undefined) return undefined;
  if (!held.requestSha256.equals(requestSha256))
    throw new Problem('idempotency_key_reused', 'This Idempotency-Key was used for a different request.');
  const kept = held.whole as readonly KeptTicket[] | null;
  if (kept === null) throw stillRunning(held.lockedForSeconds);
  const ids = kept.flatMap((one) => ('id' in one ? one.id : []));
  const images = await parts.database.run((connection) => repeatedImages(connection, tenant, ids));
  const byId = new Map(images.map((image) => [image.id, image]));
  return Promise.all(kept.map((one) => repeatedTicket(call, one, byId)));
}
