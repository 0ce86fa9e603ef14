import { TransientFailure } from '../../domain/failure.ts';
import type { Decision } from '../../policy/admission/admission.ts';
import type { Taken } from '../../policy/quotas/quotas.ts';
import { readHeldKey } from '../../postgres/images/idempotency.ts';
import {
  type BatchClaim,
  insertTickets,
  type KeptTicket,
  repeatedImages,
} from '../../postgres/images/ticket-batch.ts';
import type { TenantCall } from '../http/endpoint.ts';
import { keyUnknown, Problem } from '../http/problem.ts';
import { countAdmission } from './admit.ts';
import { chargeOf, unknownTenant } from './charge.ts';
import { deferred, isOutage } from './deferred.ts';
import { freshAdmission } from './fresh-admission.ts';
import { type RequestKey, stillRunning } from './idempotency.ts';
import { countRefusal, refused } from './refused.ts';
import { refusedTicket, repeatedTicket, type TicketResult } from './ticket-results.ts';
import { issueTicket } from './upload-ticket.ts';
import { admissionRequest, type WantedImage } from './wanted.ts';

/** Results in the order of the images. `replayed` if they are those of an earlier request. */
export interface TicketResults {
  results: TicketResult[];
  replayed: boolean;
}

/**
 * Decides on each image as `admit` does, and inserts all admitted ones in one statement. Nothing is inserted or kept if
 * none is admitted: the key can then be used again, as after a refused single ticket.
 * @param wanted images, and the problems of tickets that are invalid
 * @throws Problem `request_in_progress`, `idempotency_key_reused`, `database_unavailable` with turns.
 */
export async function admitTickets(
  call: TenantCall,
  wanted: readonly (WantedImage | Problem)[],
  key: RequestKey | undefined,
): Promise<TicketResults> {
  const turns: Decision[] = [];
  try {
    return await decideAndInsert(call, wanted, key, turns);
  } catch (error) {
    if (!isOutage(error)) throw error;
    // Each gets a turn below, also those that were refused.
    for (const turn of turns) turn.withdraw();
    const images = wanted.filter((one): one is WantedImage => !(one instanceof Problem));
    throw deferred(call, { images, key: undefined, error });
  }
}

async function decideAndInsert(
  call: TenantCall,
  wanted: readonly (WantedImage | Problem)[],
  key: RequestKey | undefined,
  turns: Decision[],
): Promise<TicketResults> {
  const decided = await decideEach(call, wanted, turns);
  const kept = decided.map(
    (one): KeptTicket => (one instanceof Problem ? refusedTicket(one) : { id: one.image.id }),
  );
  const admitted = decided.filter((one): one is Charged => !(one instanceof Problem));
  if (admitted.length > 0) {
    const expires = await insert(call, admitted, key && { ...key, kept });
    if (expires !== undefined) {
      for (const { image } of admitted) countAdmission(call, image);
      call.parts.nudges.send();
      return { results: await results(call, decided, expires), replayed: false };
    }
  }
  const earlier = key && (await earlierResults(call, key));
  if (earlier !== undefined) {
    for (const turn of turns) turn.withdraw();
    return { results: earlier, replayed: true };
  }
  // The key was in use at the insert and has expired since.
  if (admitted.length > 0) throw stillRunning(1);
  return { results: await results(call, decided, new Date()), replayed: false };
}

/** An admitted image, with what its tenant's quotas were charged. */
interface Charged {
  image: WantedImage;
  taken: Taken;
  decision: Decision;
}

/**
 * Charges and decides each image as `admitCharged` does; a refused one is replaced by its problem.
 * @param turns receives the refusals
 */
async function decideEach(
  call: TenantCall,
  wanted: readonly (WantedImage | Problem)[],
  turns: Decision[],
): Promise<(Charged | Problem)[]> {
  const { tenant, parts, quotas } = call;
  const admission = await freshAdmission(parts);
  // Together, so that a lease of quota is for all of them.
  const charged = await Promise.all(
    wanted.map(async (image) => {
      if (image instanceof Problem) return image;
      try {
        const taken = await quotas.take(tenant, chargeOf(image, parts.settings));
        const { day, amounts } = taken;
        return { image: day === undefined ? image : { ...image, charge: { day, ...amounts } }, taken };
      } catch (error) {
        if (error instanceof Problem && error.code === 'quota_exceeded') return error;
        throw error;
      }
    }),
  );
  return charged.map((one) => {
    if (one instanceof Problem) return one;
    // The key is of all together, and a new request for those that were refused has another.
    const decision = admission.decide(admissionRequest(call, one.image, undefined));
    if (decision.admitted) return { ...one, decision };
    parts.quotas.giveBack(tenant, one.taken);
    turns.push(decision);
    countRefusal(call, decision);
    return refused(decision);
  });
}

/** Inserts all in one statement. @returns the end of the tickets; undefined if the key is in use */
async function insert(
  { tenant, parts }: TenantCall,
  admitted: readonly Charged[],
  key: Pick<BatchClaim, 'key' | 'requestSha256' | 'kept'> | undefined,
): Promise<Date | undefined> {
  const { uploads, retention } = parts.settings;
  const takeBack = () => {
    for (const { taken, decision } of admitted) {
      decision.withdraw();
      parts.quotas.giveBack(tenant, taken);
    }
  };
  try {
    const expires = await parts.database.run((connection) =>
      insertTickets(connection, tenant, {
        images: admitted.map(({ image }) => image),
        ticketSeconds: uploads.ticketSeconds,
        claim: key && { ...key, keepSeconds: retention.idempotencySeconds },
      }),
    );
    if (expires === undefined) takeBack();
    return expires;
  } catch (error) {
    // After an outage the rows may exist, see `admitCharged`.
    if (!(error instanceof TransientFailure)) takeBack();
    throw unknownTenant(error) ? keyUnknown() : error;
  }
}

function results(
  call: TenantCall,
  decided: readonly (Charged | Problem)[],
  ticketExpiresAt: Date,
): Promise<TicketResult[]> {
  return Promise.all(
    decided.map((one) =>
      one instanceof Problem
        ? refusedTicket(one)
        : issueTicket(call, { ...one.image, sha256: one.image.sha256 ?? null, ticketExpiresAt }),
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
