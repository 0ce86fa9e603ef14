import { csvRecord } from './export.ts';

/** Most rows of a CSV of usage. With the longest names they are 5 MB; a response of Lambda has 6 MB at most. */
export const mostCsvRows = 25_000;

const columns = [
  'hour',
  'type',
  'preset',
  'code',
  'images',
  'variants',
  'bytes',
  'megapixels',
  'seconds',
] as const;

/**
 * Rows of the roll-up as RFC 4180, with a header line. Its texts are names of ours and of presets, which begin with
 * a letter, so no spreadsheet takes one for a formula.
 */
export function usageCsv(
  rows: readonly Readonly<Record<(typeof columns)[number], string | number>>[],
): string {
  const records = rows.map((row) => columns.map((column) => String(row[column])));
  return [columns, ...records].map((fields) => `${csvRecord(fields)}\r\n`).join('');
}
