import { type ImageStatus, incomingKey } from '../domain/image.ts';
import { markUploaded } from '../postgres/images/mark-uploaded.ts';
import type { TenantCall } from './endpoint.ts';

/**
 * S3 does not tell us when a presigned POST is done, and the worker may be long in coming: so whoever asks for an
 * awaited image has the bucket asked. A bucket that does not answer is no reason to refuse.
 * @returns the status of the image now; `updatedAt` of one that was just found is set on it.
 */
export async function noticeUpload(
  { tenant, parts }: TenantCall,
  image: { id: string; status: ImageStatus; updatedAt?: Date },
): Promise<ImageStatus> {
  const original = await parts.bucket
    .headOriginal(incomingKey({ tenant, imageId: image.id }))
    .catch((error: unknown) => {
      parts.log.warn('The bucket could not be asked for an original', { imageId: image.id, error });
      return undefined;
    });
  if (original === undefined) return image.status;
  const marked = await parts.database.run((connection) =>
    markUploaded(connection, { tenant, imageId: image.id }),
  );
  if (marked === undefined) return image.status;
  image.updatedAt = marked.updatedAt;
  return 'queued';
}
