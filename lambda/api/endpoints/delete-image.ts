import type * as z from 'zod';
import { markDeleted } from '../../postgres/images/deletion.ts';
import { type Endpoint, imageRef } from '../http/endpoint.ts';
import { noSuchImage } from '../http/problem.ts';
import { json } from '../http/response.ts';
import { validQuery } from '../http/validation.ts';
import { emptyQuery } from '../schemas/requests.ts';
import type { deleteResponse } from '../schemas/responses.ts';

/** `DELETE /v1/images/{id}`: hidden at once; the sweep removes it from bucket and table. */
export const deleteImage: Endpoint<'deleteImage'> = async (call) => {
  validQuery(emptyQuery, call.request);
  const ref = imageRef(call);
  if (!(await call.parts.database.run((connection) => markDeleted(connection, ref)))) throw noSuchImage();
  call.parts.nudges.send();
  return json(202, { id: ref.imageId } satisfies z.input<typeof deleteResponse>);
};
