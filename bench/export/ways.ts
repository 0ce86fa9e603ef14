import type { ExportSelection } from '../../lambda/domain/export.ts';
import { exportColumns } from '../../lambda/domain/export.ts';

/** What all ways export: all columns and two keys of metadata. */
export const selection: ExportSelection = {
  columns: exportColumns.filter((column) => column !== 'metadata'),
  metadata: ['album', 'sku'],
};

/** Ways to bring the rows to a reader. `naive` keeps all rows in memory before it writes the first one. */
export const ways = [
  'sluice',
  'sluice consistent',
  'sluice zstd',
  'sluice gzip',
  'query-stream',
  'naive',
] as const;
export type Way = (typeof ways)[number];

/** What a process measured of itself. */
export interface Usage {
  seconds: number;
  /** Of the process, without Postgres. */
  cpuSeconds: number;
  /** Bytes, before the first row and at most after. */
  heapBefore: number;
  heapMost: number;
  rssBefore: number;
  rssMost: number;
  /** Heap in use after garbage collections, every second, in bytes. */
  heaps: number[];
}
