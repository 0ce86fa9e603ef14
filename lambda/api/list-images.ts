import type * as z from 'zod';
import { listImages } from '../postgres/images.ts';
import { makeCursor } from './cursor.ts';
import type { Endpoint } from './endpoint.ts';
import { summaryOf } from './image-view.ts';
import { listQuery } from './requests.ts';
import { json } from './response.ts';
import type { listAnswer } from './responses.ts';
import { validQuery } from './validation.ts';

/** `GET /v1/images?status=&limit=&cursor=`: newest first. */
export const getImages: Endpoint = {
  method: 'GET',
  path: '/v1/images',
  access: 'key',
  async handle({ request, tenant, parts }) {
    const { status, limit, cursor } = validQuery(listQuery, request);
    const filter = { ...(status && { status }), ...(cursor && { before: cursor }) };
    // One more than the page: whether there is a next page is known without a second query.
    const found = await parts.database.run((connection) =>
      listImages(connection, tenant, { ...filter, limit: limit + 1 }),
    );
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const body = {
      images: page.map(summaryOf),
      nextCursor: found.length > limit && last !== undefined ? makeCursor(last.id) : null,
    } satisfies z.input<typeof listAnswer>;
    return json(200, body);
  },
};
