import { type ImageStatus, incomingKey } from '../../domain/image.ts';
import { markUploaded } from '../../postgres/images/mark-uploaded.ts';
import type { TenantCall } from '../http/endpoint.ts';
import { countSuperseded } from './superseded.ts';

/**
 * S3 does not report a finished presigned POST to the API, so reads of an awaited image check the bucket.
 * @returns the current status; sets `updatedAt` when the upload was just found.
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
  countSuperseded(marked.overtaken, parts);
  image.updatedAt = marked.updatedAt;
  return 'queued';
}
