import type { OpenConnection } from '../connection/connection.ts';
import { type ExportScope, idWidth, pageEnd, pageStatement } from './page.ts';

/** Sizes of pages. */
export interface Paging {
  /** Of the first page, so that its first row comes soon, and at least. */
  leastRows: number;
  /** At most so many of each status: then a page of a fast reader takes tenths of a second. */
  mostRows: number;
  /** A page that takes longer is followed by a smaller one, a page of less than half of that by a larger one. */
  pageMs: number;
  /** Aimed at by the width of the rows before, also with less than `leastRows`. */
  mostBytes: number;
}

/**
 * With a fast reader the largest page takes 0.2 s; one of 200 kB/s soon gets pages of about 2,000 rows. If a reader slows
 * down to 200 kB/s at the largest page, that takes 40 s, two thirds of the statement timeout. Smaller ones cost speed where
 * rows are not vacuumed yet: to find the end of a page may then take as long as to read it.
 */
export const exportPaging: Paging = {
  leastRows: 1_000,
  mostRows: 50_000,
  pageMs: 2_000,
  mostBytes: 8_000_000,
};

/** A page that was read to its end. */
export interface FinishedPage {
  rows: number;
  bytes: number;
  /** Id up to which images were exported; undefined: all. */
  last: string | undefined;
}

/**
 * The records of an export, each after a line break: page by page, each a statement of its own that shows the images as they
 * are then. Between pages the session is idle, with no transaction and no snapshot. A page that outlasts the statement timeout
 * ends there, and the next one goes on behind its last row. Ends early by destroying the connection; the caller closes it.
 * @param after begins behind the image of this id
 * @throws TransientFailure
 */
export async function* exportRecords(
  connection: OpenConnection,
  scope: ExportScope,
  {
    after: first,
    paging = exportPaging,
    onPage,
    now = () => performance.now(),
  }: {
    after?: string | undefined;
    paging?: Paging | undefined;
    /** Called before the next page; false ends the records here. */
    onPage(page: FinishedPage): boolean | Promise<boolean>;
    now?: () => number;
  },
): AsyncGenerator<Buffer, void> {
  let after = first;
  let size = paging.leastRows;
  for (;;) {
    const started = now();
    const end = await pageEnd(connection, scope, { after, rows: size });
    const page = connection.copyOut(pageStatement(scope, { after, last: end }), { keyWidth: idWidth });
    yield* page as AsyncIterable<Buffer>;
    const { rows, bytes, cutShort } = page;
    const last = cutShort ? page.lastKey : end;
    const goOn = await onPage({ rows, bytes, last });
    if (last === undefined || !goOn) return;
    after = last;
    size = nextSize(paging, { size, bytes, took: now() - started });
  }
}

/** @param size of the page before, from which it had `bytes` */
function nextSize(
  { leastRows, mostRows, pageMs, mostBytes }: Paging,
  { size, bytes, took }: { size: number; bytes: number; took: number },
): number {
  const slower = Math.max(leastRows, Math.floor((size * pageMs) / took));
  const inTime = took > pageMs ? slower : took < pageMs / 2 ? size * 2 : size;
  const inBytes = bytes === 0 ? mostRows : Math.floor((size * mostBytes) / bytes);
  return Math.max(1, Math.min(inTime, mostRows, inBytes));
}
