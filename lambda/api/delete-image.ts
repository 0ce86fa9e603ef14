import type * as z from 'zod';
import { isImageId } from '../domain/image.ts';
import { markDeleted } from '../postgres/images/deletion.ts';
import type { Endpoint } from './endpoint.ts';
import { noSuchImage } from './problem.ts';
import { emptyQuery } from './requests.ts';
import { json } from './response.ts';
import type { deleteAnswer } from './responses.ts';
import { validQuery } from './validation.ts';

/** `DELETE /v1/images/{id}`: gone at once for all readers; the sweep removes it from bucket and table. */
export const deleteImage: Endpoint<'deleteImage'> = async ({ request, tenant, parts }) => {
  validQuery(emptyQuery, request);
  const id = request.params.id ?? '';
  if (!isImageId(id)) throw noSuchImage();
  if (!(await parts.database.run((connection) => markDeleted(connection, { tenant, imageId: id }))))
    throw noSuchImage();
  return json(202, { id } satisfies z.input<typeof deleteAnswer>);
};
