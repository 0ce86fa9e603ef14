import { setTimeout as pause } from 'node:timers/promises';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';

/** Faults of the local S3, for load tests; the object may be changed while S3 runs. */
export interface StorageFaults {
  /** Every request is answered with 503 SlowDown. */
  failing: boolean;
  /** Milliseconds by which a request is delayed. `key` is that of the object, of a listing the prefix, of a form empty. */
  waitMs(request: { method: string; key: string }): number;
}

/** @throws S3Error while S3 fails */
export async function injectFaults(request: S3Request, faults: StorageFaults): Promise<void> {
  const { method } = request;
  const key = request.key || (request.query.get('prefix') ?? '');
  const ms = faults.waitMs({ method, key });
  if (ms > 0) await pause(ms);
  if (faults.failing) throw new S3Error(503, 'SlowDown', 'Please reduce your request rate.');
}
