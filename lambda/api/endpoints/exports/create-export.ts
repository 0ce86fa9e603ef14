import { v7 } from 'uuid';
import { requestExport } from '../../../postgres/exports/jobs.ts';
import { selectionOf } from '../../../runtime/export-schema.ts';
import { readRequestKey } from '../../admission/idempotency.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import { Problem } from '../../http/problem.ts';
import { json } from '../../http/response.ts';
import { jsonBody, valid, validQuery } from '../../http/validation.ts';
import { exportJobRequest } from '../../schemas/exports.ts';
import { emptyQuery } from '../../schemas/requests.ts';
import { exportView } from './export-view.ts';

/** `POST /v1/exports`: a job that writes the images to a file. One at a time of a tenant. */
export const createExport: Endpoint<'createExport'> = async ({ request, tenant, parts }) => {
  validQuery(emptyQuery, request);
  const key = readRequestKey(request);
  const { encoding, ...wanted } = valid(exportJobRequest, jsonBody(request));
  const requested = await parts.database.run((connection) =>
    requestExport(connection, { id: v7(), tenant, selection: selectionOf(wanted), encoding, key }),
  );
  if (requested.outcome === 'running')
    throw new Problem(
      'export_running',
      'An export of yours is not finished yet. Wait for it, or delete it.',
      {
        headers: { 'Retry-After': '60' },
      },
    );
  if (requested.outcome === 'reused')
    throw new Problem('idempotency_key_reused', 'This Idempotency-Key was used for another export.');
  if (requested.outcome === 'deleted')
    throw new Problem('export_deleted', 'The export of this request was deleted. Send it with a new key.');
  const { job, outcome } = requested;
  const replayed = outcome === 'repeated' ? { 'Idempotency-Replayed': 'true' } : {};
  return json(202, await exportView(job, tenant, parts), {
    Location: `${request.publicPath}/${job.id}`,
    'Retry-After': '30',
    ...replayed,
  });
};
