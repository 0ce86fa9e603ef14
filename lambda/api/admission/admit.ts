import type { Refusal } from '../../policy/admission.ts';
import { readHeldKey } from '../../postgres/images/idempotency.ts';
import { insertTicket, type KeyClaim, type NewImage } from '../../postgres/images/tickets.ts';
import type { TenantCall } from '../http/endpoint.ts';
import { Problem, retryAfter } from '../http/problem.ts';
import type { ApiResponse } from '../http/response.ts';
import { stillRunning } from './idempotency.ts';
import { repeatedResponse } from './repeated-response.ts';
import { freshAdmission } from './waiting.ts';

/** The new image, or the response to a repeated request. */
export type Admitted = { imageId: string; ticketExpiresAt: Date } | { repeated: ApiResponse };

/**
 * Inserts the row if the policy admits the image: one round trip, two when the key is in use.
 * @throws Problem `overloaded`, `request_in_progress`, `idempotency_key_reused`, `ticket_expired`, `image_deleted`;
 * TransientFailure `database_unavailable`.
 */
export async function admit(
  call: TenantCall,
  image: NewImage,
  claim: KeyClaim | undefined,
): Promise<Admitted> {
  const { tenant, parts } = call;
  const { database } = parts;
  const decision = (await freshAdmission(parts)).decide(tenant);
  const refusal = decision.admitted ? undefined : decision;
  if (refusal !== undefined && claim === undefined) throw overloaded(refusal);
  if (refusal === undefined) {
    const ticket = await database.run((connection) => insertTicket(connection, image, { claim }));
    if (ticket.outcome === 'inserted') {
      parts.metrics.add('ImagesAdmitted', {});
      return ticket;
    }
    parts.admission.withdraw(tenant);
  }
  const held = claim && (await database.run((connection) => readHeldKey(connection, tenant, claim.key)));
  if (claim !== undefined && held !== undefined)
    return { repeated: await repeatedResponse(call, held, claim.requestSha256) };
  // Without a refusal the key was in use at the insert and is free now: its request has just failed.
  throw refusal === undefined ? stillRunning(1) : overloaded(refusal);
}

/** The problem of a refusal. */
export function overloaded({ code, retryAfterSeconds }: Refusal): Problem {
  return new Problem(code, `The queue of images is full. Try again in ${retryAfterSeconds} seconds.`, {
    headers: retryAfter(retryAfterSeconds),
  });
}
