import * as z from 'zod';
import { exportExtensions, exportJobStatuses } from '../../domain/export.ts';
import { exportRequest } from '../../runtime/export-schema.ts';

const encoding = z.enum(Object.keys(exportExtensions) as [keyof typeof exportExtensions]);
const time = z.iso.datetime();

/** The JSON body of `POST /v1/exports`. */
export const exportJobRequest = exportRequest.safeExtend({
  encoding: encoding.default('gzip').meta({ description: 'Of the file. zstd is smaller and faster.' }),
});

export const exportResponse = z.strictObject({
  id: z.uuid(),
  status: z.enum(exportJobStatuses),
  encoding,
  rows: z.int().min(0).meta({ description: 'Images in the file so far.' }),
  bytes: z.int().min(0).meta({ description: 'Compressed size of the file so far.' }),
  createdAt: time,
  updatedAt: time,
  expiresAt: time
    .optional()
    .meta({ description: 'When the export and its file are deleted, once it has ended.' }),
  url: z.url().optional().meta({ description: 'A presigned GET of the file, once the export is `ready`.' }),
  urlExpiresAt: time
    .optional()
    .meta({ description: 'End of the URL; request the export again for a new one.' }),
});
