import { S3Error } from './errors.ts';

/** Bytes of an object, both ends included. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * The part that a Range header asks for. S3 gives one range; for several, for another unit and for what is no range it
 * gives the whole object, as RFC 9110, 14.2 allows.
 * @returns undefined for the whole
 * @throws S3Error 416 for a range without a byte of the object in it
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
