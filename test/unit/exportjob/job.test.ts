import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ExportFiles, openExportFiles } from '../../../lambda/aws/export-files.ts';
import { storageClient } from '../../../lambda/aws/storage-client.ts';
import { exportKey } from '../../../lambda/domain/export.ts';
import { workOnExports } from '../../../lambda/exportjob/work.ts';
import { connect } from '../../../lambda/postgres/connection/connection.ts';
import { deleteExport, findExport, requestExport } from '../../../lambda/postgres/exports/jobs.ts';
import { type Cloud, startCloud } from '../aws/cloud.ts';
import { quiet } from '../export/test-export.ts';
import { openTestDb, type TestDb } from '../postgres/rows.ts';

/* 40,000 rows of 330 random bytes: about 7 MB compressed, which are two parts, one of 5 MiB or more. */
const images = 40_000;
let db: TestDb;
let cloud: Cloud;
let files: ExportFiles;
beforeAll(async () => {
  [db, cloud] = await Promise.all([openTestDb(), startCloud()]);
  files = openExportFiles({ bucketName: cloud.bucketName });
  await db.admin.query('set session_replication_role = replica');
  await db.admin.query(
    `insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, metadata, ticket_expires_at)
     select gen_random_uuid(), 'alpha', 'ready', 'image/jpeg', n, '{small}',
       jsonb_build_object('text', (select string_agg(md5(random()::text || n || k), '') from generate_series(1, 10) k)), now()
     from generate_series(1, ${images}) n`,
  );
});
afterAll(async () => {
  await db.close();
  await cloud.stop();
});
beforeEach(() => db.admin.query('delete from export_job'));

const selection = { columns: ['bytes'], metadata: ['text'] } as const;
const request = (more: object = {}) =>
  db
    .as('sluice_api')
    .run((connection) =>
      requestExport(connection, { id: randomUUID(), tenant: 'alpha', selection, encoding: 'gzip', ...more }),
    );
async function requested(more: object = {}): Promise<string> {
  const result = await request(more);
  if (!('job' in result)) throw new Error(result.outcome);
  return result.job.id;
}
const find = (id: string) => db.as('sluice_api').run((connection) => findExport(connection, 'alpha', id));
const work = (more: Partial<Parameters<typeof workOnExports>[0]> = {}, remaining = 900_000) =>
  workOnExports(
    {
      connect: () => connect(db.options('sluice_exportjob')),
      files,
      log: quiet,
      paging: { leastRows: 5_000, mostRows: 5_000, pageMs: 1e6, mostBytes: 1e9 },
      ...more,
    },
    () => remaining,
  );
/** The numbers of the images in the file, and its last record. */
async function fileOf(
  id: string,
): Promise<{ numbers: number[]; trailer: string | undefined; bytes: number }> {
  const key = exportKey('alpha', id, 'gzip');
  const { body } = await storageClient().send({ operation: 'GetObject', bucketName: cloud.bucketName, key });
  // The texts are hex digits: no field has a line break.
  const [header, ...records] = gunzipSync(body).toString().split('\r\n');
  expect(header).toBe('bytes,metadata.text');
  expect(records.pop()).toBe('');
  const trailer = records.pop();
  return { numbers: records.map((record) => Number.parseInt(record, 10)), trailer, bytes: body.length };
}

async function expectWhole(id: string): Promise<void> {
  const { numbers, trailer, bytes } = await fileOf(id);
  expect(new Set(numbers).size).toBe(images);
  expect(numbers.length).toBe(images);
  expect(trailer).toBe(`# complete: ${images} rows,`);
  expect(await find(id)).toMatchObject({ status: 'ready', rows: images, bytes });
}

/** The files, but the call of this part fails before or after S3 has it. */
function failing(part: number, when: 'before' | 'after'): ExportFiles {
  let failed = false;
  return {
    ...files,
    async putPart(upload, number, bytes) {
      if (failed || number !== part) return files.putPart(upload, number, bytes);
      failed = true;
      if (when === 'after') await files.putPart(upload, number, bytes);
      throw new Error('killed');
    },
  };
}

describe('an export', () => {
  it('is written to a file in parts, with header and trailer', async () => {
    const id = await requested();
    expect(await find(id)).toMatchObject({ status: 'queued', rows: 0 });
    expect(await work()).toEqual({ ready: 1, paused: 0, taken: 0, failed: 0 });
    await expectWhole(id);
    const { rows } = await db.admin.query('select cardinality(etags) as parts from export_job');
    expect(rows[0].parts).toBeGreaterThan(1);
  });

  it('is not returned any more to its Idempotency-Key once it is deleted', async () => {
    const key = { key: 'k', requestSha256: Buffer.alloc(32) };
    const id = await requested({ key });
    expect(await request({ key })).toMatchObject({ outcome: 'repeated', job: { id } });
    await db.as('sluice_api').run((connection) => deleteExport(connection, 'alpha', id));
    expect(await request({ key })).toEqual({ outcome: 'deleted' });
    expect(await request({ key: { ...key, requestSha256: Buffer.alloc(32, 1) } })).toEqual({
      outcome: 'reused',
    });
  });

  it.each(['before', 'after'] as const)(
    'continues after a kill %s a part was put, with each image once',
    async (when) => {
      const id = await requested();
      expect(await work({ files: failing(2, when) })).toMatchObject({ failed: 1 });
      const between = await find(id);
      expect(between).toMatchObject({ status: 'running' });
      expect(between?.rows).toBeGreaterThan(0);
      expect(between?.rows).toBeLessThan(images);
      await db.admin.query("update export_job set lease_expires_at = now() - interval '1 second'");
      expect(await work()).toMatchObject({ ready: 1, failed: 0 });
      await expectWhole(id);
    },
  );

  it('is completed once if a worker ends between the file and its record', async () => {
    const id = await requested();
    const half: ExportFiles = {
      ...files,
      async complete(upload, etags) {
        await files.complete(upload, etags);
        throw new Error('killed');
      },
    };
    expect(await work({ files: half })).toMatchObject({ failed: 1 });
    await db.admin.query("update export_job set lease_expires_at = now() - interval '1 second'");
    expect(await work()).toMatchObject({ ready: 1 });
    await expectWhole(id);
  });

  it('lets others take a turn after its own, and then continues', async () => {
    const id = await requested();
    expect(await work({ turnMs: 0 })).toMatchObject({ ready: 1, taken: 0, failed: 0 });
    await expectWhole(id);
  });

  it('continues in the next invocation when the time is over', async () => {
    const id = await requested();
    expect(await work({}, 1_000)).toEqual({ ready: 0, paused: 0, taken: 0, failed: 0 });
    expect(await find(id)).toMatchObject({ status: 'queued' });
  });

  it('that was deleted meanwhile is not written on', async () => {
    const id = await requested();
    const deleting: ExportFiles = {
      ...files,
      async putPart(...part) {
        await db.as('sluice_api').run((connection) => deleteExport(connection, 'alpha', id));
        return files.putPart(...part);
      },
    };
    expect(await work({ files: deleting })).toMatchObject({ taken: 1, ready: 0 });
    expect(await find(id)).toBeUndefined();
  });

  it('of another attempt is not changed by a worker that comes late', async () => {
    const id = await requested();
    const late: ExportFiles = {
      ...files,
      async putPart(upload, number, bytes) {
        if (number === 1) await db.admin.query('update export_job set attempt = attempt + 1');
        return files.putPart(upload, number, bytes);
      },
    };
    expect(await work({ files: late })).toMatchObject({ taken: 1 });
    expect(await find(id)).toMatchObject({ rows: 0 });
  });

  it('ends as failed after ten failures without a part', async () => {
    const id = await requested();
    const away: ExportFiles = { ...files, create: () => Promise.reject(new Error('no')) };
    for (let tries = 0; tries < 10; tries += 1) {
      await db.admin.query('update export_job set lease_expires_at = null');
      await work({ files: away });
    }
    expect(await find(id)).toMatchObject({ status: 'failed' });
  });
});

describe('a request for an export', () => {
  const key = (text: string, digest = 'a') => ({ key: text, requestSha256: Buffer.from(digest.repeat(32)) });

  it('is refused while the tenant has an unfinished one, and not by that of another', async () => {
    await requested();
    expect(await request()).toEqual({ outcome: 'running' });
    expect(await request({ tenant: 'beta' })).toMatchObject({ outcome: 'created' });
  });

  it('is admitted after the other was deleted', async () => {
    const id = await requested();
    await db.as('sluice_api').run((connection) => deleteExport(connection, 'alpha', id));
    expect(await request()).toMatchObject({ outcome: 'created' });
  });

  it('with the same key returns the same export, and with another body is refused', async () => {
    const id = await requested({ key: key('k') });
    expect(await request({ key: key('k') })).toMatchObject({ outcome: 'repeated', job: { id } });
    expect(await request({ key: key('k', 'b') })).toEqual({ outcome: 'reused' });
    expect(await request({ key: key('other') })).toEqual({ outcome: 'running' });
    expect(await request({ tenant: 'beta', key: key('k') })).toMatchObject({ outcome: 'created' });
  });
});
