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
  { parts, remaining }: TenantCall,
  { image, updatedAt, expectedSeconds }: Expected,
  seconds: number,
): Promise<boolean> {
  const { heldRequests } = parts.settings.gateway;
  if (heldRequests === 0 || expectedSeconds > seconds) return false;
  if (!(await parts.database.run((connection) => mayHoldRequest(connection, heldRequests)))) return false;
  const most = Math.min(seconds * 1000, remaining() - forResponse);
  let pause = pauses.first;
  for (let waited = 0; waited + pause <= most; pause = Math.min(2 * pause, pauses.longest)) {
    await parts.pause(pause);
    waited += pause;
    const latest = await parts.database.run((connection) => lastChange(connection, image));
    if (latest?.getTime() !== updatedAt.getTime()) return true;
  }
  return false;
}
