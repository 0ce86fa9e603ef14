import { isImageId, isTenantId } from './image.ts';

/** The body of a message on ImageJobs. The tenant is in here too: not every SQS returns the MessageGroupId on receive. */
export interface Job {
  v: 1;
  tenant: string;
  imageId: string;
}

/** Serialises a job for SQS. */
export function jobBody(tenant: string, imageId: string): string {
  return JSON.stringify({ v: 1, tenant, imageId } satisfies Job);
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
  const { v, tenant, imageId } = value as Record<string, unknown>;
  if (v !== 1 || typeof tenant !== 'string' || typeof imageId !== 'string') return undefined;
  return isTenantId(tenant) && isImageId(imageId) ? { v, tenant, imageId } : undefined;
}
