import type { OpenConnection } from '../connection/connection.ts';
import { type ExportScope, pageEnd, pageStatement } from './page.ts';

/** Sizes of pages. */
export interface Paging {
  /** Of the first page, so that its first row comes soon, and at least. */
  leastRows: number;
  /** At most so many of each status: then a page of a fast reader takes tenths of a second. */
  mostRows: number;
  /** A page that takes longer is followed by a smaller one, a page of less than half of that by a larger one. */
  pageMs: number;
}

/** With a fast reader the largest page takes 0.2 s and 10 MB; one of 200 kB/s soon gets pages of about 2,000 rows. */
export const exportPaging: Paging = { leastRows: 1_000, mostRows: 50_000, pageMs: 2_000 };

/** A page that was read to its end. */
export interface FinishedPage {
  rows: number;
  /** Id up to which images were exported; undefined: all. */
  last: string | undefined;
}

/**
 * The records of an export, each after a line break: page by page, each a statement of its own that shows the images as they
 * are then. Between pages the session is idle, with no transaction and no snapshot. Ends early with `signal`, by destroying
 * the connection; the caller closes it.
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
    const last = await pageEnd(connection, scope, { after, rows: size });
    const page = connection.copyOut(pageStatement(scope, { after, last }));
    yield* page as AsyncIterable<Buffer>;
    const goOn = await onPage({ rows: page.rows, last });
    if (last === undefined || !goOn) return;
    after = last;
    const took = now() - started;
    if (took > paging.pageMs) size = Math.max(paging.leastRows, Math.floor(size / 2));
    else if (took < paging.pageMs / 2) size = Math.min(paging.mostRows, size * 2);
  }
}
