import { insertTicket, type KeyClaim, type NewImage } from '../postgres/tickets.ts';
import type { TenantCall } from './endpoint.ts';
import { repeatedAnswer, stillRunning } from './idempotency.ts';
import type { Problem } from './problem.ts';
import type { ApiResponse } from './response.ts';

/** Either the image has a row now, or the request was answered before. */
export type Admitted = { imageId: string } | { repeated: ApiResponse };

/**
 * Decides admission and writes the row in one round trip; a request whose key is in use takes a second one. The
 * answer to a repeated request does not depend on the backlog.
 * @throws Problem `overloaded`, `request_in_progress`, `idempotency_key_reused`; TransientFailure `database_away`.
 */
export async function admit(
  { tenant, parts }: TenantCall,
  image: NewImage,
  claim: KeyClaim | undefined,
): Promise<Admitted> {
  const { admission, database } = parts;
  let refusal = admission.standingRefusal();
  if (refusal !== undefined && claim === undefined) throw refusal;
  return database.run(async (connection) => {
    if (refusal === undefined) {
      const ticket = await insertTicket(connection, image, { maxBacklog: admission.bound(), claim });
      if (ticket.outcome === 'inserted') {
        if (ticket.unfinished !== undefined) admission.admitted(ticket.unfinished);
        return { imageId: ticket.imageId };
      }
      if (ticket.outcome === 'full') refusal = admission.refused(ticket.finishedLastMinute);
    }
    const repeated = claim === undefined ? undefined : await repeatedAnswer(connection, tenant, claim);
    if (repeated !== undefined) return { repeated };
    throw refusal ?? keyWasFreed();
  });
}

/** The key was taken when the row was to be written and free a moment later: its request has just failed. */
function keyWasFreed(): Problem {
  return stillRunning(1);
}
