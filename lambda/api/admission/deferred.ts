import { TransientFailure } from '../../domain/failure.ts';
import type { RouteName } from '../../domain/routes.ts';
import { unknownReturn } from '../../policy/admission/outage.ts';
import type { Call, TenantCall } from '../http/endpoint.ts';
import { Problem, retryAfter } from '../http/problem.ts';
import { admissionRequest, type WantedImage } from './wanted.ts';

/** True if the database could not be reached: nothing is known of its present state. */
export function isOutage(error: unknown): error is TransientFailure {
  return error instanceof TransientFailure && error.code === 'database_unavailable';
}

/** Routes whose requests get a turn. */
export function isAdmitted(name: RouteName): boolean {
  return name === 'createImage' || name === 'createTickets';
}

/**
 * The problem of a request for images that an outage ended: with turns in the line of its tenant, and Retry-After of the
 * last one. Whether an earlier request with its key had a response is not known; when it returns, it gets that.
 * @returns other errors as they are
 */
export function deferred(
  call: TenantCall,
  { images, key, error }: { images: readonly WantedImage[]; key: string | undefined; error: unknown },
): unknown {
  if (!isOutage(error)) return error;
  const { admission } = call.parts;
  const waits = images.map((image) => admission.defer(admissionRequest(call, image, key), Math.random));
  const seconds = Math.ceil(waits.length === 0 ? unknownReturn(Math.random) : Math.max(...waits));
  return new Problem(
    'database_unavailable',
    `The database does not respond. Repeat the request in ${seconds} s, with the same Idempotency-Key if it has one.`,
    { cause: error, headers: retryAfter(seconds) },
  );
}

/** A call in which the database has failed already: it ends with its turn, whatever it asks for. */
export function withoutDatabase<Kind extends Call & Pick<TenantCall, 'quotas'>>(
  call: Kind,
  failure: TransientFailure,
): Kind {
  const fail = () => Promise.reject(failure);
  return {
    ...call,
    parts: { ...call.parts, database: { ...call.parts.database, run: fail, transaction: fail } },
    quotas: { ...call.quotas, take: fail },
  };
}
