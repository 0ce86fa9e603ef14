import type { Decision, Refusal } from '../../policy/admission/admission.ts';
import { readHeldKey } from '../../postgres/images/idempotency.ts';
import { insertTicket, type KeyClaim, type TicketOutcome } from '../../postgres/images/tickets.ts';
import type { TenantCall } from '../http/endpoint.ts';
import type { Problem } from '../http/problem.ts';
import type { ApiResponse } from '../http/response.ts';
import { freshAdmission } from './fresh-admission.ts';
import { stillRunning } from './idempotency.ts';
import { countRefusal, refused } from './refused.ts';
import { repeatedResponse } from './repeated-response.ts';
import { admissionRequest, type WantedImage } from './wanted.ts';

/** The new image, or the response to a repeated request. */
export type Admitted = { imageId: string; ticketExpiresAt: Date } | { repeated: ApiResponse };

/**
 * Inserts the row if the policy admits the image. One statement, two when the key is in use; a refusal without a key takes
 * none, and with one, only whether the key has a response already.
 * @throws Problem `backlog_share`, `overloaded`, `request_in_progress`, `idempotency_key_reused`, `ticket_expired`,
 * `image_deleted`; TransientFailure `database_unavailable`.
 */
export async function admit(
  call: TenantCall,
  image: WantedImage,
  claim: KeyClaim | undefined,
): Promise<Admitted> {
  const { tenant, parts } = call;
  const decision = (await freshAdmission(parts)).decide(admissionRequest(call, image, claim?.key));
  if (decision.admitted) {
    const ticket = await insert(call, image, { claim, decision });
    if (ticket.outcome === 'inserted') {
      countAdmission(call, image);
      parts.nudges.send();
      return ticket;
    }
  }
  const held =
    claim && (await parts.database.run((connection) => readHeldKey(connection, tenant, claim.key)));
  if (claim !== undefined && held !== undefined) {
    decision.withdraw();
    return { repeated: await repeatedResponse(call, held, claim.requestSha256) };
  }
  // Without a refusal the key was in use at the insert and is free now: its request has just failed.
  throw decision.admitted ? stillRunning(1) : counted(call, decision);
}

async function insert(
  { parts }: TenantCall,
  image: WantedImage,
  { claim, decision }: { claim: KeyClaim | undefined; decision: Decision },
): Promise<TicketOutcome> {
  try {
    const ticket = await parts.database.run((connection) => insertTicket(connection, image, { claim }));
    if (ticket.outcome !== 'inserted') decision.withdraw();
    return ticket;
  } catch (error) {
    decision.withdraw();
    throw error;
  }
}

function counted(call: TenantCall, refusal: Refusal): Problem {
  countRefusal(call, refusal);
  return refused(refusal);
}

export function countAdmission({ parts }: TenantCall, { bulk }: WantedImage): void {
  parts.metrics.add('ImagesAdmitted', { Priority: bulk ? 'bulk' : 'normal' });
}
