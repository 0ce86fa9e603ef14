import { incomingKey } from '../domain/image.ts';
import type { ClaimedImage } from '../postgres/images/claim.ts';
import type { BatchContext } from './dependencies.ts';

/**
 * The newest image of the same name whose file is in the bucket although the database does not know it yet: of a presigned
 * POST only the message tells, which waits behind this one. A listing takes 30 ms, a decode ten times the processor's.
 * @throws TransientFailure `storage_unavailable`, `out_of_time`
 */
export async function newerArrived(
  { tenant, newerTickets }: ClaimedImage,
  { bucket, deadline }: BatchContext,
): Promise<string | undefined> {
  for (const imageId of newerTickets)
    if ((await bucket.findFirstUpload(incomingKey({ tenant, imageId }), deadline.work)) !== undefined)
      return imageId;
  return undefined;
}
