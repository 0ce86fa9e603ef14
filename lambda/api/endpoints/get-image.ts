import { isTerminal } from '../../domain/image.ts';
import { findImage } from '../../postgres/images/reading.ts';
import { noticeUpload } from '../admission/notice-upload.ts';
import { secondsToWait } from '../admission/waiting.ts';
import { type Endpoint, imageRef, type TenantCall } from '../http/endpoint.ts';
import { conditional } from '../http/etag.ts';
import { noSuchImage, retryAfter } from '../http/problem.ts';
import { headerOf } from '../http/request.ts';
import { type ApiResponse, json } from '../http/response.ts';
import { validQuery } from '../http/validation.ts';
import { imageQuery } from '../schemas/requests.ts';
import { changesWithin } from './hold.ts';
import { representationOf } from './image-view.ts';

/** `GET /v1/images/{id}?wait=`. */
export const getImage: Endpoint<'getImage'> = async (call) => {
  const { wait = 0 } = validQuery(imageQuery, call.request);
  const first = await look(call);
  const { expectedSeconds } = first;
  if (wait === 0 || expectedSeconds === undefined || isNews(call, first.response)) return first.response;
  const changed = await changesWithin(call, { ...first, expectedSeconds }, wait);
  return changed ? (await look(call)).response : first.response;
};

/** The current response. `expectedSeconds` until the next change, for an image that a worker will change. */
async function look(call: TenantCall) {
  const { request, parts } = call;
  const image = imageRef(call);
  const found = await parts.database.run((connection) => findImage(connection, image));
  if (found === undefined) throw noSuchImage();
  if (found.status === 'awaiting_upload') found.status = await noticeUpload(call, found);
  const { status, updatedAt } = found;
  const seconds = isTerminal(status) ? undefined : await secondsToWait(parts, call.tenant, found.createdAt);
  const { details, etag } = await representationOf(found, parts);
  const hint = seconds === undefined ? {} : retryAfter(seconds);
  const response = conditional(request, json(200, details, hint), etag);
  const expectedSeconds = status === 'awaiting_upload' ? undefined : seconds;
  return { image, updatedAt, response, expectedSeconds };
}

/** True if the client has named another state than this. */
function isNews({ request }: TenantCall, { status }: ApiResponse): boolean {
  return headerOf(request, 'If-None-Match') !== undefined && status !== 304;
}
