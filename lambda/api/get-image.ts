import { isImageId, isTerminal } from '../domain/image.ts';
import { countUnfinished } from '../postgres/admission.ts';
import { findImage, type ImageRecord } from '../postgres/images.ts';
import type { ApiParts, Endpoint } from './endpoint.ts';
import { conditional } from './etag.ts';
import { detailsOf, withoutUrls } from './image-view.ts';
import { noticeUpload } from './notice-upload.ts';
import { secondsToPoll } from './polling.ts';
import { noSuchImage, retryAfter } from './problem.ts';
import { emptyQuery } from './requests.ts';
import { json } from './response.ts';
import { validQuery } from './validation.ts';

/** `GET /v1/images/{id}`. */
export const getImage: Endpoint<'getImage'> = async (call) => {
  const { request, tenant, parts } = call;
  validQuery(emptyQuery, request);
  const id = request.params.id ?? '';
  if (!isImageId(id)) throw noSuchImage();
  const found = await parts.database.run((connection) => findImage(connection, tenant, id));
  if (found === undefined) throw noSuchImage();
  if (found.status === 'awaiting_upload') found.status = await noticeUpload(call, found);
  const hint = isTerminal(found.status) ? {} : retryAfter(await secondsToWait(found, parts));
  const details = await detailsOf(found, parts);
  return conditional(request, json(200, details, hint), JSON.stringify(withoutUrls(details)));
};

/** Counts what waits where this environment has not done so for a while; what cannot be counted is taken for full. */
async function secondsToWait(
  { createdAt }: ImageRecord,
  { admission, database, log, settings }: ApiParts,
): Promise<number> {
  const { maxBacklog } = settings.admission;
  if (admission.backlog() === undefined)
    await database
      .run((connection) => countUnfinished(connection, maxBacklog))
      .then(admission.counted, (error: unknown) => log.warn('The backlog could not be counted', { error }));
  const unfinished = admission.backlog() ?? maxBacklog;
  const { requestsPerSecond } = settings.gateway;
  return secondsToPoll(
    { ageMs: Date.now() - createdAt.getTime(), unfinished, requestsPerSecond },
    Math.random,
  );
}
