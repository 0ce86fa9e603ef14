import { S3Error } from './errors.ts';

/** A range of bytes, both ends included. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * The bytes that a Range header requests. S3 returns the whole object for several ranges, for another unit and for an
 * invalid range, as RFC 9110, 14.2 allows.
 * @returns undefined for the whole object
 * @throws S3Error 416 for a range that contains no byte of the object
 */
export function readRange(header: string | undefined, total: number): ByteRange | undefined {
  const match = /^\s*bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '');
  if (header === undefined || match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  const range =
    first === ''
      ? { start: Math.max(0, total - Number(last)), end: total - 1 }
      : { start: Number(first), end: last === '' ? total - 1 : Math.min(Number(last), total - 1) };
  if (range.start <= range.end) return range;
  throw new S3Error(
    416,
    'InvalidRange',
    'The requested range is not satisfiable',
    { RangeRequested: header, ActualObjectSize: total },
    { 'content-range': `bytes */${total}` },
  );
}
