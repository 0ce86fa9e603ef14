import { type ImageRef, isImageId, isTenantId } from './image.ts';

/** Body of a message on ImageJobs. It names the tenant because not every SQS returns the MessageGroupId. */
export interface Job extends ImageRef {
  v: 1;
  /** Version of the upload; absent if unknown (messages of the sweep). */
  version?: string;
  /** Attempt that failed, in dead-letter messages; redriven, which SQS does not mark, they restart the image. */
  failedAttempt?: number;
  /** Makes the variants that a brown-out left for later, if the image is ready. */
  complete?: true;
}

/** Content of a job; undefined fields are omitted. */
export interface JobContent extends ImageRef {
  version?: string | undefined;
  failedAttempt?: number | undefined;
  complete?: true | undefined;
}

/** Serialises a job for SQS. */
export function jobBody({ tenant, imageId, version, failedAttempt, complete }: JobContent): string {
  return JSON.stringify({ v: 1, tenant, imageId, version, failedAttempt, complete });
}

/** Parses a message body; undefined if it is not a job of a known version. */
export function parseJob(body: string): Job | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { v, tenant, imageId, version, failedAttempt, complete } = value as Record<string, unknown>;
  if (v !== 1 || typeof tenant !== 'string' || typeof imageId !== 'string') return undefined;
  if (!isTenantId(tenant) || !isImageId(imageId)) return undefined;
  return {
    v,
    tenant,
    imageId,
    ...(isVersion(version) ? { version } : {}),
    ...(isAttempt(failedAttempt) ? { failedAttempt } : {}),
    ...(complete === true ? { complete } : {}),
  };
}

/** Version ids of S3 are opaque, up to 1,024 bytes. */
function isVersion(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 1_024 && !value.includes('\u0000');
}

function isAttempt(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;
}
