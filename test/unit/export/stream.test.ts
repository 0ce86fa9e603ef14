import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exportColumns } from '../../../lambda/domain/export.ts';
import { insertImage, openTestDb, type TestDb } from '../postgres/rows.ts';
import { insertKey, readCsv, stream, undefused } from './test-export.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
  for (const tenant of ['alpha', 'beta']) await insertKey(db, tenant);
});
afterAll(() => db.close());
beforeEach(() => db.admin.query('delete from image; delete from image_event'));

const idOf = (n: number) => `01980000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const insert = (values: Record<string, unknown>) => insertImage(db.admin, { values });
/** The records between header and trailer. */
const rowsOf = (text: string) => readCsv(text).slice(1, -1);

describe('the CSV of a tenant', () => {
  it('has a header, the images in the order of creation, and a trailer with their number', async () => {
    for (const n of [3, 1, 2]) await insert({ id: idOf(n), status: n === 2 ? 'rejected' : 'ready' });
    await insert({ id: idOf(4), tenant_id: 'beta' });
    await insert({ id: idOf(5), deleted_at: new Date() });
    const { metadata, text, complete } = await stream(db, { columns: 'id,status,bytes' });
    expect(text).toBe(
      ['id,status,bytes', `${idOf(1)},ready,1000`, `${idOf(2)},rejected,1000`, `${idOf(3)},ready,1000`]
        .concat('# complete: 3 rows,,', '')
        .join('\r\n'),
    );
    expect(complete).toBe(true);
    expect(metadata).toEqual({
      statusCode: 200,
      headers: {
        'Content-Type': 'text/csv; charset=utf-8; header=present',
        'Content-Disposition': expect.stringMatching(/^attachment; filename="images-\d{4}-\d\d-\d\d\.csv"$/),
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
        Vary: 'Accept-Encoding, Origin',
      },
    });
  });

  it('has all columns but metadata by default, with times in UTC and empty fields for what is not known', async () => {
    await insert({
      id: idOf(1),
      status: 'failed',
      created_at: '2026-11-29T22:00:00.123456+02:00',
      updated_at: '2026-11-29T22:00:00Z',
      presets: ['large', 'small'],
      content_type: 'image/png',
      width: 4000,
      error_detail: 'It broke.',
    });
    const [header, row, trailer] = readCsv((await stream(db)).text);
    expect(header).toEqual(exportColumns.filter((column) => column !== 'metadata'));
    expect(Object.fromEntries(header?.map((name, at) => [name, row?.[at]]) ?? [])).toEqual({
      id: idOf(1),
      status: 'failed',
      createdAt: '2026-11-29T20:00:00.123456Z',
      updatedAt: '2026-11-29T22:00:00Z',
      contentType: 'image/png',
      bytes: '1000',
      width: '4000',
      height: '',
      frames: '',
      presets: 'large small',
      replaces: '',
      supersededBy: '',
      errorCode: 'internal',
      errorDetail: 'It broke.',
    });
    expect(trailer).toHaveLength(header?.length ?? 0);
  });

  it('counts in no quota, as docs/export.md says', async () => {
    const quotas = { requests: { perDay: 1 } };
    await db.admin.query("insert into plan (name, terms) values ('one', $1)", [JSON.stringify({ quotas })]);
    await db.admin.query("update tenant set plan = 'one' where id = 'alpha'");
    for (const _ of [1, 2]) {
      const { metadata, complete } = await stream(db, { columns: 'id' });
      expect(complete).toBe(true);
      expect(Object.keys(metadata?.headers ?? {}).filter((name) => name.startsWith('RateLimit'))).toEqual([]);
    }
    expect((await db.admin.query('select from quota_use')).rowCount).toBe(0);
  });

  it('without an image has a header and the trailer', async () => {
    expect((await stream(db, { columns: 'id' })).text).toBe('id\r\n# complete: 0 rows\r\n');
  });

  it.each(exportColumns)(
    'of the column %s alone has no empty line for a value that is not known',
    async (column) => {
      await insert({
        id: idOf(1),
        status: 'failed',
        width: 4000,
        error_detail: 'It broke.',
        replaces: 'avatar/1',
        frames: 1,
      });
      await insert({ id: idOf(2) });
      const { text } = await stream(db, { columns: column });
      expect(text.split('\r\n').slice(0, -1)).not.toContain('');
      // Beside another column an empty field is no empty line.
      const both = await stream(db, { columns: `${column},${column === 'id' ? 'status' : 'id'}` });
      expect(rowsOf(text)).toEqual(rowsOf(both.text).map(([one]) => [one]));
    },
  );

  const hostile = [
    'plain',
    'a "quoted" text',
    'two\r\nlines\nand\rmore',
    'comma, semicolon; tab\t',
    '=1+1',
    '+49 30 1234',
    '-2',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '＝1',
    "'=1",
    "'",
    '',
    ' leading',
    '\\.',
    '\\',
    'ünïcödé 漢字 😀 \u202e',
    '\u0001\u001f',
  ];

  it('returns hostile values of metadata exactly, without the apostrophe that defuses formulas', async () => {
    const key = `k,"'=\\é\r\n`;
    for (const [n, value] of hostile.entries())
      await insert({ id: idOf(n), metadata: { [key]: value, album: value }, replaces: value });
    // A key with a comma is for jobs: a query separates keys by commas.
    const rows = rowsOf((await stream(db, { columns: 'id,replaces,metadata', metadata: 'album,none' })).text);
    expect(rows.map(([, replaces]) => undefused(replaces ?? ''))).toEqual(hostile);
    expect(rows.map(([, , , album]) => undefused(album ?? ''))).toEqual(hostile);
    expect(rows.map((row) => row[4])).toEqual(hostile.map(() => ''));
    expect(rows.map(([, , json]) => JSON.parse(json ?? '')[key])).toEqual(hostile);
  });

  it('begins no field with what a spreadsheet runs', async () => {
    for (const [n, value] of hostile.entries())
      await insert({ id: idOf(n), metadata: { album: value }, replaces: value });
    const fields = rowsOf((await stream(db, { columns: 'replaces', metadata: 'album' })).text).flat();
    expect(fields.filter((field) => /^[=+\-@\t\r\n＝＋－＠]/.test(field))).toEqual([]);
    expect(fields).toContain("'=1+1");
  });

  it.each(["k'; drop table image; --", 'back\\slash', '漢字', "\\'"])(
    'finds the key %s of metadata',
    async (key) => {
      await insert({ metadata: { [key]: 'found' } });
      const [header, row] = readCsv((await stream(db, { columns: 'bytes', metadata: key })).text);
      expect(header).toEqual(['bytes', `metadata.${key}`]);
      expect(row).toEqual(['1000', 'found']);
    },
  );

  it('is limited to statuses and to a range of creation', async () => {
    const at = (day: number) => `2026-03-${String(day).padStart(2, '0')}T00:00:00Z`;
    const v7 = (day: number) =>
      `${Date.parse(at(day))
        .toString(16)
        .padStart(12, '0')
        .replace(/^(.{8})/, '$1-')}-7000-8000-000000000000`;
    for (const day of [1, 2, 3, 4])
      await insert({ id: v7(day), created_at: at(day), status: day === 3 ? 'expired' : 'ready' });
    const days = async (query: Record<string, string>) =>
      rowsOf((await stream(db, { columns: 'createdAt', ...query })).text).map(([time]) => time?.slice(8, 10));
    expect(await days({ from: '2026-03-02' })).toEqual(['02', '03', '04']);
    expect(await days({ from: '2026-03-02', to: '2026-03-04' })).toEqual(['02', '03']);
    expect(await days({ to: '2026-03-02T01:00:00+01:00' })).toEqual(['01']);
    expect(await days({ status: 'ready' })).toEqual(['01', '02', '04']);
    expect(await days({ status: 'expired,failed', snapshot: 'consistent' })).toEqual(['03']);
  });
});

describe('the encoding', () => {
  beforeEach(() => insert({ id: idOf(1) }));
  const plain = `id\r\n${idOf(1)}\r\n# complete: 1 rows\r\n`;

  it.each([
    [undefined, undefined],
    ['identity', undefined],
    ['br', undefined],
    ['gzip;q=0', undefined],
    ['gzip', 'gzip'],
    ['zstd, gzip', 'zstd'],
    ['gzip, zstd', 'zstd'],
    ['gzip;q=0.9, zstd;q=0.1', 'gzip'],
    ['*', 'zstd'],
    ['zstd;q=0, *;q=0.5', 'gzip'],
    ['identity, gzip;q=0.5', undefined],
  ])('of Accept-Encoding %s is %s', async (accepted, encoding) => {
    const headers = accepted === undefined ? {} : { 'accept-encoding': accepted };
    const { metadata, bytes } = await stream(db, { columns: 'id' }, { headers });
    expect(metadata?.headers['Content-Encoding']).toBe(encoding);
    const decoded =
      encoding === 'gzip' ? gunzipSync(bytes) : encoding === 'zstd' ? zstdDecompressSync(bytes) : bytes;
    expect(decoded.toString()).toBe(plain);
  });
});
