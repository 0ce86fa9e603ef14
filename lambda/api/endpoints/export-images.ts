import { csvType } from '../../domain/export.ts';
import { exportQuery } from '../../runtime/export-schema.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { Problem } from '../http/problem.ts';
import type { ApiResponse } from '../http/response.ts';
import { validQuery } from '../http/validation.ts';

/**
 * `GET /v1/exports/images.csv` is served by the function `export`, which streams. Here come HEAD, and GET where the gateway
 * does not stream. @throws Problem `streaming_unavailable`
 */
export const exportImages: Endpoint<'exportImages'> = async ({ request }): Promise<ApiResponse> => {
  validQuery(exportQuery, request);
  if (request.method === 'HEAD') return { status: 200, headers: { 'Content-Type': csvType }, body: '' };
  throw new Problem(
    'streaming_unavailable',
    'This deployment does not stream responses. Request the export as a job, with POST /v1/exports.',
  );
};
