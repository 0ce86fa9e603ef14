import { describe, expect, it } from 'vitest';
import { connect } from '../../../lambda/postgres/connection/connection.ts';
import { statementTimeoutOf } from '../../../lambda/postgres/connection/role-limits.ts';
import { exportPaging, exportRecords } from '../../../lambda/postgres/exports/records.ts';
import { insertWide, useWideImages } from './wide-images.ts';

const database = useWideImages();

/** Bytes and rows of each page, for a reader that never waits: pages grow as long as they may. */
async function pagesOf(mostBytes: number): Promise<{ bytes: number; rows: number }[]> {
  const connection = await connect(database().options('sluice_export'));
  const pages: { bytes: number; rows: number }[] = [];
  let bytes = 0;
  const records = exportRecords(
    connection,
    { tenant: 'alpha', selection: { columns: ['bytes'], metadata: ['text'] } },
    {
      paging: { ...exportPaging, mostBytes },
      now: () => 0,
      onPage({ rows }) {
        pages.push({ bytes, rows });
        bytes = 0;
        return true;
      },
    },
  );
  for await (const chunk of records) bytes += chunk.length;
  await connection.close();
  return pages;
}

describe('the size of a page', () => {
  it('is bounded in bytes, however fast the pages before were taken', async () => {
    await insertWide(database(), 20_000, 1_000);
    const pages = await pagesOf(2_000_000);
    expect(pages.reduce((sum, { rows }) => sum + rows, 0)).toBe(20_000);
    // The numbers of the rows have one to five digits.
    for (const { bytes } of pages) expect(bytes).toBeLessThanOrEqual(2_000_000 * 1.01);
    // And is not much smaller, for each page costs a statement.
    for (const { bytes } of pages.slice(1, -1)) expect(bytes).toBeGreaterThan(1_000_000);
  });

  it('may have less than a thousand rows', async () => {
    await insertWide(database(), 5_000, 1_000);
    const [first, ...others] = await pagesOf(500_000);
    expect(first?.rows).toBe(1_000);
    for (const { bytes } of others) expect(bytes).toBeLessThanOrEqual(500_000 * 1.01);
  });

  it('follows the width of the rows', async () => {
    await insertWide(database(), 4_000, 10);
    await insertWide(database(), 16_000, 1_000);
    await insertWide(database(), 8_000, 10);
    const pages = await pagesOf(500_000);
    // One page meets the wide rows with a size by the narrow ones, and one has its size by both.
    const first = pages.findIndex(({ bytes }) => bytes > 500_000 * 1.01);
    for (const { bytes } of pages.slice(first + 2)) expect(bytes).toBeLessThanOrEqual(500_000 * 1.01);
    expect(pages.at(-2)?.rows).toBeGreaterThan(1_000);
  });

  it('leaves a reader of 200 kB/s a third of the statement timeout', () => {
    const milliseconds = exportPaging.mostBytes / 200;
    expect(milliseconds).toBeLessThanOrEqual((statementTimeoutOf('sluice_export') * 2) / 3);
  });
});
