import { TransientFailure } from '../../domain/failure.ts';
import { reservedMegapixels } from '../../domain/plan-rules.ts';
import type { Settings } from '../../domain/settings.ts';
import { causeState } from '../../postgres/connection/failures.ts';
import { readHeldKey } from '../../postgres/images/idempotency.ts';
import type { KeyClaim } from '../../postgres/images/tickets.ts';
import type { TenantCall } from '../http/endpoint.ts';
import { keyUnknown, Problem } from '../http/problem.ts';
import { type Admitted, admit } from './admit.ts';
import { deferred } from './deferred.ts';
import { repeatedResponse } from './repeated-response.ts';
import type { WantedImage } from './wanted.ts';

/** An admitted image can give back what it was charged, for a request that fails afterwards. */
export type Charged = Admitted & { giveBack?: () => void };

/**
 * Charges an image to its tenant's quotas and admits it. Megapixels are reserved for the largest image of the type, and
 * settled by the database when the image ends. Repeated requests, refused ones and failed ones are not charged.
 * @throws Problem `quota_exceeded`, `unauthenticated`, `database_unavailable` with a turn, and as `admit`.
 */
export async function admitCharged(
  call: TenantCall,
  image: Omit<WantedImage, 'charge'>,
  claim: KeyClaim | undefined,
): Promise<Charged> {
  try {
    return await chargeAndAdmit(call, image, claim);
  } catch (error) {
    throw deferred(call, { images: [image], key: claim?.key, error });
  }
}

async function chargeAndAdmit(
  call: TenantCall,
  image: WantedImage,
  claim: KeyClaim | undefined,
): Promise<Charged> {
  const { tenant, parts, quotas } = call;
  const amounts = chargeOf(image, parts.settings);
  let taken: Awaited<ReturnType<typeof quotas.take>>;
  try {
    taken = await quotas.take(tenant, amounts);
  } catch (error) {
    if (claim === undefined || !(error instanceof Problem && error.code === 'quota_exceeded')) throw error;
    const held = await parts.database.run((connection) => readHeldKey(connection, tenant, claim.key));
    if (held === undefined) throw error;
    return { repeated: await repeatedResponse(call, held, claim.requestSha256) };
  }
  const { day } = taken;
  const charge = day === undefined ? undefined : { day, ...taken.amounts };
  try {
    const admitted = await admit(call, { ...image, charge }, claim);
    // The row of a dead request has a charge of its own.
    if ('repeated' in admitted || admitted.imageId !== image.id) {
      parts.quotas.giveBack(tenant, taken);
      return admitted;
    }
    // The megapixels are those of the row: whoever deletes it settles them.
    const { megapixels: _, ...uploaded } = taken.amounts;
    const giveBack = () => parts.quotas.giveBack(tenant, { ...taken, amounts: uploaded });
    return { ...admitted, giveBack };
  } catch (error) {
    // After an outage the row may exist: it gives back what it was charged when its ticket expires.
    if (!(error instanceof TransientFailure)) parts.quotas.giveBack(tenant, taken);
    throw unknownTenant(error) ? keyUnknown() : error;
  }
}

/** What an image is charged. */
export function chargeOf(
  { bytes, contentType }: Pick<WantedImage, 'bytes' | 'contentType'>,
  { limits }: Pick<Settings, 'limits'>,
) {
  return { images: 1, bytes, megapixels: reservedMegapixels(contentType, limits) };
}

/** True if an insert failed because its tenant was removed: a violated foreign key. */
export function unknownTenant(error: unknown): boolean {
  return causeState(error) === '23503';
}
