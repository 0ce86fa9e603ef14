import { type ImageRef, isImageId, isTenantId } from './image.ts';

/** The body of a message on ImageJobs. The tenant is in here too: not every SQS returns the MessageGroupId on receive. */
export interface Job extends ImageRef {
  v: 1;
  /** The version of the upload that the message tells of; absent where nobody knows it (a sweep's message). */
  version?: string;
  /**
   * The attempt at which the image failed, in a message that we sent to the dead-letter queue. Back on ImageJobs it
   * starts an image over that is still failed by that attempt: SQS does not mark what it redrives.
   */
  failedAttempt?: number;
}

/** What a job says; what is undefined is left out. */
export interface JobContent extends ImageRef {
  version?: string | undefined;
  failedAttempt?: number | undefined;
}

/** Serialises a job for SQS. */
export function jobBody({ tenant, imageId, version, failedAttempt }: JobContent): string {
  return JSON.stringify({ v: 1, tenant, imageId, version, failedAttempt });
}

/** Reads a message body; undefined where it is not a job of a version that this code knows. */
export function parseJob(body: string): Job | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { v, tenant, imageId, version, failedAttempt } = value as Record<string, unknown>;
  if (v !== 1 || typeof tenant !== 'string' || typeof imageId !== 'string') return undefined;
  if (!isTenantId(tenant) || !isImageId(imageId)) return undefined;
  return {
    v,
    tenant,
    imageId,
    ...(isVersion(version) ? { version } : {}),
    ...(isAttempt(failedAttempt) ? { failedAttempt } : {}),
  };
}

/** Version ids of S3 are opaque; they have at most 1,024 bytes. */
function isVersion(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 1_024 && !value.includes('\u0000');
}

function isAttempt(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;
}
