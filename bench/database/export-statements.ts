import { createHash, randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { ExportSelection } from '../../lambda/domain/export.ts';
import * as jobs from '../../lambda/postgres/exports/jobs.ts';
import { leaveLane, takeLane } from '../../lambda/postgres/exports/lane.ts';
import { exportsOver, recordFilesRemoved, removeExports } from '../../lambda/postgres/exports/over.ts';
import { pageEnd, pageQuery } from '../../lambda/postgres/exports/page.ts';
import * as progress from '../../lambda/postgres/exports/progress.ts';
import { emptyTenant, largestTenant, smallTenant } from './fill.ts';
import type { Case } from './statements.ts';

/**
 * 20,000 exports that ended within ten days, a twentieth of them deleted, 1,000 whose file was removed within two days, and one
 * that waits of each of 100 tenants.
 */
async function fillExports(client: pg.Client): Promise<void> {
  await client.query(
    `insert into export_job (id, tenant_id, selection, encoding, status, idempotency_key, request_sha256, created_at,
       updated_at, ended_at, deleted_at)
     select gen_random_uuid(), $1, '{"columns": ["id"], "metadata": []}', 'gzip', 'ready', 'key-' || n, $2, at, at, at,
       case when n % 20 = 0 then now() - make_interval(secs => n) end
     from (select n, now() - make_interval(secs => n * 43) as at from generate_series(1, 20000) n) ended`,
    [largestTenant, createHash('sha256').digest()],
  );
  await client.query(
    `insert into export_job (id, tenant_id, selection, encoding, status, idempotency_key, request_sha256, created_at,
       updated_at, deleted_at, file_removed_at)
     select gen_random_uuid(), $1, '{"columns": ["id"], "metadata": []}', 'gzip', 'ready', 'gone-' || n, $2, at, at, at, at
     from (select n, now() - make_interval(secs => n * 172) as at from generate_series(1, 1000) n) removed`,
    [largestTenant, createHash('sha256').digest()],
  );
  await client.query(
    `insert into export_job (id, tenant_id, selection, encoding)
     select gen_random_uuid(), id, '{"columns": ["id"], "metadata": []}', 'gzip'
     from (select id from tenant where id <> $1 order by id limit 100) waiting`,
    [emptyTenant],
  );
  await client.query('vacuum (analyze) export_job');
}

/** Statements of exports. */
export async function exportCases(client: pg.Client): Promise<Case[]> {
  await fillExports(client);
  const tenant = largestTenant;
  const all: ExportSelection = { columns: ['id', 'status', 'createdAt', 'metadata'], metadata: ['album'] };
  const wanted = { tenant: emptyTenant, selection: all, encoding: 'gzip' } as const;
  const request = createHash('sha256').digest();
  const { rows } = await client.query<{ id: string }>(
    "select id from export_job where tenant_id = $1 and status = 'ready' and deleted_at is null limit 1",
    [tenant],
  );
  const id = String(rows[0]?.id);
  const part = { etag: 'e', last: randomUUID(), rows: 50_000, bytes: 8_000_000, leaseSeconds: 60 };
  const as =
    (by: Case['by']) =>
    (name: string, what: string, run: Case['run']): Case => ({ by, name, what, run });
  const [api, job, sweep] = [as('api'), as('exportjob'), as('sweep')];
  /** A case of a job that was claimed. */
  const claimed = (
    name: string,
    what: string,
    run: (connection: Parameters<Case['run']>[0], claimed: progress.ExportAttempt) => Promise<unknown>,
  ) =>
    job(name, what, async (c) => {
      const one = await progress.claimExport(c, 60);
      if (one === undefined) throw new Error('no export waits');
      return run(c, one);
    });
  const pages = (['export', 'exportjob'] as const).flatMap((by) =>
    [
      [tenant, 'largest', all],
      [smallTenant, 'small', all],
      [tenant, 'largest, ready', { ...all, status: ['ready'] }],
      [tenant, 'largest, of a month', { ...all, from: new Date(Date.now() - 30 * 86_400_000).toISOString() }],
    ].map(([of, whose, selection]) => {
      const scope = { tenant: of as string, selection: selection as ExportSelection };
      return { scope, page: as(by), whose: whose as string };
    }),
  );
  return [
    as('export')('takeLane', 'free', (c) => takeLane(c, { tenant, holder: randomUUID() }, 900)),
    as('export')('leaveLane', 'taken', async (c) => {
      const lane = { tenant, holder: randomUUID() };
      await takeLane(c, lane, 900);
      await leaveLane(c, lane);
    }),
    ...pages.flatMap(({ scope, page, whose }) => [
      {
        ...page('pageEnd', `${whose}, 1,000`, (c) => pageEnd(c, scope, { rows: 1_000 })),
        counts: 1_000,
      },
      {
        ...page('pageEnd', `${whose}, the page behind it`, async (c) => {
          const after = await pageEnd(c, scope, { rows: 1_000 });
          const last = await pageEnd(c, scope, { after, rows: 1_000 });
          return c.query(pageQuery(scope, { after, last }));
        }),
        // Of a month the day before it is read too, and returns nothing.
        counts: 1_000,
      },
    ]),
    api('requestExport', 'a new one', (c) => jobs.requestExport(c, { id: randomUUID(), ...wanted })),
    api('requestExport', 'again with its key', (c) =>
      jobs.requestExport(c, {
        ...{ ...wanted, tenant, id: randomUUID() },
        key: { key: 'key-1', requestSha256: request },
      }),
    ),
    api('findExport', 'one', (c) => jobs.findExport(c, tenant, id)),
    api('deleteExport', 'one', (c) => jobs.deleteExport(c, tenant, id)),
    job('claimExport', 'of 100', (c) => progress.claimExport(c, 60)),
    claimed('beginFile', 'claimed', (c, one) => progress.beginFile(c, one, 'upload')),
    claimed('recordPart', 'claimed', (c, one) => progress.recordPart(c, one, part)),
    claimed('endExport', 'claimed', (c, one) => progress.endExport(c, one, 'ready')),
    claimed('releaseExport', 'claimed', (c, one) =>
      progress.releaseExport(c, one, { failed: true, pauseSeconds: 5 }),
    ),
    sweep('exportsOver', '100', (c) => exportsOver(c, { keepDays: 7, graceSeconds: 1_200, limit: 100 })),
    sweep('exportsOver', 'few', (c) => exportsOver(c, { keepDays: 30, graceSeconds: 19_900, limit: 100 })),
    sweep('recordFilesRemoved', '100', async (c) => {
      const over = await exportsOver(c, { keepDays: 7, graceSeconds: 1_200, limit: 100 });
      return recordFilesRemoved(
        c,
        over.map((one) => one.id),
      );
    }),
    sweep('removeExports', '100', (c) => removeExports(c, { keySeconds: 86_400, limit: 100 })),
  ];
}
