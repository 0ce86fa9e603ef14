import { isTerminal } from '../../domain/image.ts';
import { findImage } from '../../postgres/images/reading.ts';
import { noticeUpload } from '../admission/notice-upload.ts';
import { secondsToWait } from '../admission/waiting.ts';
import { type Endpoint, imageRef } from '../http/endpoint.ts';
import { conditional } from '../http/etag.ts';
import { noSuchImage, retryAfter } from '../http/problem.ts';
import { json } from '../http/response.ts';
import { validQuery } from '../http/validation.ts';
import { emptyQuery } from '../schemas/requests.ts';
import { detailsOf, withoutUrls } from './image-view.ts';

/** `GET /v1/images/{id}`. */
export const getImage: Endpoint<'getImage'> = async (call) => {
  const { request, parts } = call;
  validQuery(emptyQuery, request);
  const ref = imageRef(call);
  const found = await parts.database.run((connection) => findImage(connection, ref));
  if (found === undefined) throw noSuchImage();
  if (found.status === 'awaiting_upload') found.status = await noticeUpload(call, found);
  const hint = isTerminal(found.status) ? {} : retryAfter(await secondsToWait(parts, found.createdAt));
  const details = await detailsOf(found, parts);
  return conditional(request, json(200, details, hint), JSON.stringify(withoutUrls(details)));
};
