import { incomingKey, isImageId, isTerminal } from '../domain/image.ts';
import { findImage, type ImageRecord, markUploaded } from '../postgres/images.ts';
import type { Endpoint, TenantCall } from './endpoint.ts';
import { conditional } from './etag.ts';
import { detailsOf } from './image-view.ts';
import { noSuchImage, retryAfter } from './problem.ts';
import { emptyQuery } from './requests.ts';
import { json } from './response.ts';
import { validQuery } from './validation.ts';

/** `GET /v1/images/{id}`. */
export const getImage: Endpoint = {
  method: 'GET',
  path: '/v1/images/{id}',
  access: 'key',
  async handle(call) {
    const { request, params, tenant, parts } = call;
    validQuery(emptyQuery, request);
    const id = params.id ?? '';
    if (!isImageId(id)) throw noSuchImage();
    const found = await parts.database.run((connection) => findImage(connection, tenant, id));
    if (found === undefined) throw noSuchImage();
    const record = found.status === 'awaiting_upload' ? await noticeUpload(call, found) : found;
    const hint = isTerminal(record.status) ? {} : retryAfter(secondsToWait(record));
    return conditional(request, json(200, await detailsOf(record, parts), hint));
  },
};

/**
 * S3 does not tell us when a presigned POST is done, and the worker may be long in coming: so whoever asks for an
 * awaited image has the bucket asked. A bucket that does not answer is no reason to refuse a read.
 */
async function noticeUpload<Image extends ImageRecord>(
  { tenant, parts }: TenantCall,
  image: Image,
): Promise<Image> {
  const original = await parts.bucket.headOriginal(incomingKey(tenant, image.id)).catch((error: unknown) => {
    parts.log.warn('The bucket could not be asked for an original', { imageId: image.id, error });
    return undefined;
  });
  if (original === undefined) return image;
  const marked = await parts.database.run((connection) => markUploaded(connection, tenant, image.id));
  return marked === undefined ? image : { ...image, status: 'queued', updatedAt: marked.updatedAt };
}

/** A fresh image is ready within a second or two; the older it gets, the less a second more matters. 1 to 30. */
function secondsToWait({ createdAt }: ImageRecord): number {
  return Math.min(30, Math.max(1, (Date.now() - createdAt.getTime()) / 10_000));
}
