import type * as z from 'zod';
import { type ListedImage, listImages } from '../../postgres/images/reading.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { json } from '../http/response.ts';
import { validQuery } from '../http/validation.ts';
import { makeCursor, readCursor } from '../schemas/cursor.ts';
import { listQuery } from '../schemas/requests.ts';
import type { listResponse } from '../schemas/responses.ts';
import { getImagesById } from './get-images-by-id.ts';
import { detailsOf, summaryOf } from './image-view.ts';

/** Variants per response: a URL has about 1,300 bytes, so 600 are 1 MB (limit 6). */
const mostVariants = 600;

/** `GET /v1/images?status=&limit=&cursor=&include=variants`: newest first; `?ids=` are images by their ids. */
export const getImages: Endpoint<'listImages'> = async (call) => {
  const { request, tenant, parts } = call;
  const { ids, status, limit, cursor, include } = validQuery(listQuery, request);
  if (ids !== undefined) return getImagesById(call, { ids, variants: include === 'variants' });
  const before = cursor && readCursor(cursor);
  const filter = { ...(status && { status }), ...(before && { before }) };
  // One more than the page shows whether there is a next one.
  const found = await parts.database.run((connection) =>
    listImages(connection, tenant, { ...filter, limit: limit + 1, variants: include === 'variants' }),
  );
  const page = pageOf(found, limit);
  const last = page.at(-1);
  const images = page.map(({ variants, ...record }) =>
    variants === undefined ? summaryOf(record) : detailsOf({ ...record, variants }, parts),
  );
  const body = {
    images: await Promise.all(images),
    nextCursor: found.length > page.length && last !== undefined ? makeCursor(last.id) : null,
  } satisfies z.input<typeof listResponse>;
  return json(200, body);
};

/** At most `limit` images and `mostVariants` variants, but at least one image, so that paging ends. */
function pageOf(found: readonly ListedImage[], limit: number): readonly ListedImage[] {
  let variants = 0;
  const tooMany = found.findIndex((image, place) => {
    variants += image.variants?.length ?? 0;
    return place >= limit || (place > 0 && variants > mostVariants);
  });
  return tooMany === -1 ? found : found.slice(0, tooMany);
}
