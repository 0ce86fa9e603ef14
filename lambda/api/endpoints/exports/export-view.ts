import type * as z from 'zod';
import { exportKey } from '../../../domain/export.ts';
import type { ExportRecord } from '../../../postgres/exports/jobs.ts';
import type { ApiParts } from '../../http/endpoint.ts';
import type { exportResponse } from '../../schemas/exports.ts';

const dayMs = 86_400_000;

/** An export as the API shows it, with a link to the file once it is complete. */
export async function exportView(
  { id, status, encoding, rows, bytes, createdAt, updatedAt, endedAt }: ExportRecord,
  tenant: string,
  { delivery, settings }: Pick<ApiParts, 'delivery' | 'settings'>,
): Promise<z.input<typeof exportResponse>> {
  const base = {
    id,
    status,
    encoding,
    rows,
    bytes,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
  if (endedAt === null) return base;
  const expiresAt = new Date(endedAt.getTime() + settings.retention.exportDays * dayMs).toISOString();
  if (status !== 'ready') return { ...base, expiresAt };
  const key = exportKey(tenant, id, encoding);
  const link = await delivery.variantUrl(key, settings.uploads.downloadSeconds);
  return { ...base, expiresAt, url: link.url, urlExpiresAt: link.expiresAt.toISOString() };
}
