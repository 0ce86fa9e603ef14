import type * as z from 'zod';
import { markDeleted } from '../postgres/images/deletion.ts';
import { type Endpoint, imageRef } from './endpoint.ts';
import { noSuchImage } from './problem.ts';
import { emptyQuery } from './requests.ts';
import { json } from './response.ts';
import type { deleteAnswer } from './responses.ts';
import { validQuery } from './validation.ts';

/** `DELETE /v1/images/{id}`: hidden at once; the sweep removes it from bucket and table. */
export const deleteImage: Endpoint<'deleteImage'> = async (call) => {
  validQuery(emptyQuery, call.request);
  const ref = imageRef(call);
  if (!(await call.parts.database.run((connection) => markDeleted(connection, ref)))) throw noSuchImage();
  return json(202, { id: ref.imageId } satisfies z.input<typeof deleteAnswer>);
};
