import type { ImageStatus } from './image.ts';

/** Columns of an export, named as the fields of an image in the API. */
export const exportColumns = [
  'id',
  'status',
  'createdAt',
  'updatedAt',
  'contentType',
  'bytes',
  'width',
  'height',
  'frames',
  'presets',
  'replaces',
  'supersededBy',
  'errorCode',
  'errorDetail',
  'metadata',
] as const;
export type ExportColumn = (typeof exportColumns)[number];

/**
 * `pages`: each page is a statement of its own and shows the images as they are then. `consistent`: all of them show the
 * images of one moment, whose old row versions the database keeps until the export ends.
 */
export const exportSnapshots = ['pages', 'consistent'] as const;
export type ExportSnapshot = (typeof exportSnapshots)[number];

/** What an export contains: images of one tenant in the order of their ids, which is that of their creation. */
export interface ExportSelection {
  columns: readonly ExportColumn[];
  /** Keys of metadata, each a column `metadata.<key>`. */
  metadata: readonly string[];
  /** Undefined: all. */
  status?: readonly ImageStatus[] | undefined;
  /** Created at or after, and before, as ISO 8601 with an offset. */
  from?: string | undefined;
  to?: string | undefined;
}

/** The longest range of an export: a longer one is probably a mistake, and no limit needs no range. */
export const longestRangeDays = 3_660;

/** Names of the columns, in order. */
export function exportHeader({ columns, metadata }: Pick<ExportSelection, 'columns' | 'metadata'>): string[] {
  return [...columns, ...metadata.map((key) => `metadata.${key}`)];
}

/** The content type of a CSV document. */
export const csvType = 'text/csv; charset=utf-8; header=present';

/** A record of RFC 4180 without its line break. */
export function csvRecord(fields: readonly string[]): string {
  return fields
    .map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',');
}

/**
 * The last record of a complete export, which has as many fields as the others. Without it the export was cut off: a
 * client cannot rely on the connection to tell, because proxies end a response that has ended too early.
 */
export function trailerRecord(rows: number, fields: number): string {
  return csvRecord([`# complete: ${rows} rows`, ...Array<string>(fields - 1).fill('')]);
}

/** Encodings of a file, and the ends of their names. */
export const exportExtensions = { gzip: 'gz', zstd: 'zst' } as const;
export type ExportEncoding = keyof typeof exportExtensions;

export const exportJobStatuses = ['queued', 'running', 'ready', 'failed'] as const;
export type ExportJobStatus = (typeof exportJobStatuses)[number];

/** Key of the file of an export. */
export function exportKey(tenant: string, id: string, encoding: ExportEncoding): string {
  return `exports/${tenant}/${id}.csv.${exportExtensions[encoding]}`;
}
