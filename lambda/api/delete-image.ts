import type * as z from 'zod';
import { isImageId } from '../domain/image.ts';
import { markDeleted } from '../postgres/images.ts';
import type { Endpoint } from './endpoint.ts';
import { noSuchImage } from './problem.ts';
import { json } from './response.ts';
import type { deleteAnswer } from './responses.ts';

/** `DELETE /v1/images/{id}`: gone at once for everybody who asks, and from bucket and table when the sweep comes. */
export const deleteImage: Endpoint = {
  method: 'DELETE',
  path: '/v1/images/{id}',
  access: 'key',
  async handle({ params, tenant, parts }) {
    const id = params.id ?? '';
    if (!isImageId(id)) throw noSuchImage();
    if (!(await parts.database.run((connection) => markDeleted(connection, tenant, id)))) throw noSuchImage();
    return json(202, { id } satisfies z.input<typeof deleteAnswer>);
  },
};
