import type { ImageRef } from '../../domain/image.ts';
import { lastChange, mayHoldRequest } from '../../postgres/images/held-requests.ts';
import type { TenantCall } from '../http/endpoint.ts';

/** Pauses between looks at the row, in milliseconds: a small image takes half a second. */
const pauses = { first: 250, longest: 1_000 };
/** Left for the response, in milliseconds. */
const forResponse = 2_000;

/** An image as it was read, and the seconds after which it is expected to change. */
interface Expected {
  image: ImageRef;
  updatedAt: Date;
  expectedSeconds: number;
}

/**
 * Waits until an image changes, at most `seconds` and the time of the invocation. @returns false, often at once, if it has
 * not changed.
 *
 * An execution serves one request at a time. One that waits for a second could have answered some 100 polls of 10 ms, so
 * only images that are expected to change in time are waited for, and only a tenth of the executions may wait
 * (`gateway.heldRequests`). Waiting for a second costs as much as two requests to the gateway.
 */
export async function changesWithin(
  call: TenantCall,
  { image, updatedAt, expectedSeconds }: Expected,
  seconds: number,
): Promise<boolean> {
  if (expectedSeconds > seconds) return false;
  return holdUntil(call, seconds, async () => {
    const latest = await call.parts.database.run((connection) => lastChange(connection, image));
    return latest?.getTime() !== updatedAt.getTime();
  });
}

/** Looks again and again until `there` is true. @returns false if it is not in time, or no more requests may wait. */
export async function holdUntil(
  { parts, remaining }: TenantCall,
  seconds: number,
  there: () => Promise<boolean>,
): Promise<boolean> {
  const { heldRequests } = parts.settings.gateway;
  if (heldRequests === 0) return false;
  if (!(await parts.database.run((connection) => mayHoldRequest(connection, heldRequests)))) return false;
  const most = Math.min(seconds * 1000, remaining() - forResponse);
  let pause = pauses.first;
  for (let waited = 0; waited + pause <= most; pause = Math.min(2 * pause, pauses.longest)) {
    await parts.pause(pause);
    waited += pause;
    if (await there()) return true;
  }
  return false;
}
