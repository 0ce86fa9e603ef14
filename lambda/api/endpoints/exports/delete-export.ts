import { deleteExport as markDeleted } from '../../../postgres/exports/jobs.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import { json } from '../../http/response.ts';
import { validQuery } from '../../http/validation.ts';
import { emptyQuery } from '../../schemas/requests.ts';
import { exportId, noSuchExport } from './export-id.ts';

/** `DELETE /v1/exports/{id}`: stops the job; the sweep removes the file. */
export const deleteExport: Endpoint<'deleteExport'> = async ({ request, tenant, parts }) => {
  validQuery(emptyQuery, request);
  const id = exportId(request);
  if (!(await parts.database.run((connection) => markDeleted(connection, tenant, id)))) throw noSuchExport();
  return json(202, { id });
};
