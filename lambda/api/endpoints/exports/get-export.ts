import { findExport } from '../../../postgres/exports/jobs.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import { json } from '../../http/response.ts';
import { validQuery } from '../../http/validation.ts';
import { emptyQuery } from '../../schemas/requests.ts';
import { exportId, noSuchExport } from './export-id.ts';
import { exportView } from './export-view.ts';

/** Seconds after which to ask again: a part of the file takes seconds. */
const pollSeconds = 10;

/** `GET /v1/exports/{id}` */
export const getExport: Endpoint<'getExport'> = async ({ request, tenant, parts }) => {
  validQuery(emptyQuery, request);
  const id = exportId(request);
  const job = await parts.database.run((connection) => findExport(connection, tenant, id));
  if (job === undefined) throw noSuchExport();
  const unfinished = job.status === 'queued' || job.status === 'running';
  const headers = unfinished ? { 'Retry-After': String(pollSeconds) } : {};
  return json(200, await exportView(job, tenant, parts), headers);
};
