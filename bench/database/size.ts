import type pg from 'pg';

/** The contents of the database, counted, in sentences for the page. */
export async function describeSize(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; rows: number; table: string; indexes: string }>(
    `select relname as name, reltuples::float8 as rows, pg_size_pretty(pg_table_size(oid)) as table,
       pg_size_pretty(pg_indexes_size(oid)) as indexes
     from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and reltuples > 5000
     order by reltuples desc`,
  );
  const { rows: states } = await client.query<{ status: string; count: number }>(
    'select status, count(*)::float8 as count from image group by status order by 2 desc',
  );
  const number = (value: number) => Math.round(value).toLocaleString('en-US');
  return [
    `${rows.map(({ name, rows: count, table, indexes }) => `\`${name}\` ${number(count)} rows (${table}, indexes ${indexes})`).join('; ')}.`,
    `Images by status: ${states.map(({ status, count }) => `${status} ${number(count)}`).join(', ')}.`,
  ];
}
