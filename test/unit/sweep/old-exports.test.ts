import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { exportKey } from '../../../lambda/domain/export.ts';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
import { findExport, requestExport } from '../../../lambda/postgres/exports/jobs.ts';
import { ago, useTestSweep } from './test-sweep.ts';

const { testSweep, sweep, put } = useTestSweep();
beforeEach(() => testSweep.db.admin.query('delete from export_job'));

const selection = { columns: ['id'], metadata: [] } as const;
const key = { key: 'k', requestSha256: Buffer.alloc(32) };
const request = () =>
  testSweep.db
    .as('sluice_api')
    .run((connection) =>
      requestExport(connection, { id: randomUUID(), tenant: 'alpha', selection, encoding: 'gzip', key }),
    );
const find = (id: string) =>
  testSweep.db.as('sluice_api').run((connection) => findExport(connection, 'alpha', id));
/** Changes an export; values are SQL. */
async function set(id: string, values: Record<string, string>): Promise<void> {
  const changes = Object.entries(values).map(([name, value]) => `${name} = ${value}`);
  await testSweep.db.admin.query(`update export_job set ${changes.join()} where id = $1`, [id]);
}
/** A requested export. */
async function requested(values: Record<string, string>): Promise<string> {
  const result = await request();
  if (!('job' in result)) throw new Error(result.outcome);
  await set(result.job.id, values);
  return result.job.id;
}
const ended = { status: "'ready'", ended_at: ago('1 hour'), created_at: ago('1 hour') };
const fileOf = (id: string) => exportKey('alpha', id, 'gzip');
const hasFile = async (id: string) => (await testSweep.bucket.headOriginal(fileOf(id))) !== undefined;
const hasRow = async (id: string) =>
  (await testSweep.db.admin.query('select from export_job where id = $1', [id])).rowCount === 1;

describe('a deleted export', () => {
  it('loses its file after five minutes, and is known to its Idempotency-Key for a day', async () => {
    const id = await requested({ ...ended, deleted_at: ago('4 minutes') });
    await put(fileOf(id));
    await sweep();
    expect(await hasFile(id)).toBe(true);
    await set(id, { deleted_at: ago('6 minutes') });
    await sweep();
    expect(await hasFile(id)).toBe(false);
    expect(await request()).toEqual({ outcome: 'deleted' });
    await set(id, { created_at: ago('23 hours') });
    await sweep();
    expect(await request()).toEqual({ outcome: 'deleted' });
    await set(id, { created_at: ago('25 hours') });
    expect(await sweep()).toMatchObject({ oldExports: { files: 0, kept: 0, removed: 1 } });
    expect(await request()).toMatchObject({ outcome: 'created' });
  });

  it('is asked for in the bucket once', async () => {
    const id = await requested({ ...ended, deleted_at: ago('6 minutes') });
    const { bucket } = testSweep.dependencies;
    const removed: string[] = [];
    const deleteAt: typeof bucket.deleteAt = async (places, signal) => {
      removed.push(...places);
      return bucket.deleteAt(places, signal);
    };
    for (let runs = 0; runs < 2; runs += 1) await sweep({ bucket: { ...bucket, deleteAt } });
    expect(removed).toEqual([fileOf(id)]);
  });
});

describe('an export whose time is over', () => {
  it('is deleted, and known to its Idempotency-Key for as long as that is kept', async () => {
    const id = await requested({ ...ended, created_at: ago('26 hours'), ended_at: ago('25 hours') });
    await put(fileOf(id));
    const short = { exportDays: 1, idempotencySeconds: 2 * 86_400 };
    await sweep({ ...short, exportDays: 2 });
    expect(await request()).toMatchObject({ outcome: 'repeated', job: { id } });
    await sweep(short);
    expect(await hasFile(id)).toBe(false);
    expect(await find(id)).toBeUndefined();
    expect(await request()).toEqual({ outcome: 'deleted' });
    await set(id, { created_at: ago('49 hours') });
    expect(await sweep(short)).toMatchObject({ oldExports: { removed: 1 } });
    expect(await hasRow(id)).toBe(false);
  });
});

describe('parts of a file that was not finished', () => {
  const uploads = new Map<string, string>();
  const file = { contentType: 'application/gzip', fileName: 'images.csv.gz' };
  /** A deleted export with a part in the bucket, or a whole file. */
  async function unfinished(tenant: string): Promise<string> {
    const id = randomUUID();
    const { exportFiles } = testSweep;
    const upload = { key: exportKey(tenant, id, 'gzip'), uploadId: '' };
    upload.uploadId = await exportFiles.create(upload.key, file);
    await exportFiles.putPart(upload, 1, Buffer.from('a part'));
    uploads.set(id, upload.uploadId);
    await testSweep.db.admin.query(
      `insert into export_job (id, tenant_id, selection, encoding, status, upload_id, created_at, deleted_at)
       values ($1, $2, $3, 'gzip', 'running', $4, ${ago('2 days')}, ${ago('1 day')})`,
      [id, tenant, selection, upload.uploadId],
    );
    return id;
  }
  const hasParts = (tenant: string, id: string) =>
    testSweep.exportFiles
      .putPart({ key: exportKey(tenant, id, 'gzip'), uploadId: uploads.get(id) ?? '' }, 2, Buffer.from('x'))
      .then(
        () => true,
        () => false,
      );
  /** S3 refuses to end the upload of this export. */
  const refusing = (stuck: string): typeof testSweep.dependencies.exportFiles => ({
    abort: async (upload, signal) => {
      if (upload.key.includes(stuck)) throw new TransientFailure('storage_unavailable', '403 AccessDenied');
      return testSweep.exportFiles.abort(upload, signal);
    },
  });

  it('are found again as long as S3 keeps them, and the others are removed', async () => {
    const [stuck, free] = [await unfinished('alpha'), await unfinished('beta')];
    const { oldExports } = await sweep({ exportFiles: refusing(stuck) });
    expect([await hasRow(stuck), await hasRow(free)]).toEqual([true, false]);
    expect([await hasParts('alpha', stuck), await hasParts('beta', free)]).toEqual([true, false]);
    expect(oldExports).toEqual({ files: 1, kept: 1, removed: 1 });
    await sweep();
    expect([await hasRow(stuck), await hasParts('alpha', stuck)]).toEqual([false, false]);
  });

  it('hold up no whole files', async () => {
    const stuck = await unfinished('beta');
    const whole = await requested({ ...ended, deleted_at: ago('1 hour') });
    await put(fileOf(whole));
    await sweep({ exportFiles: refusing(stuck) });
    expect(await hasFile(whole)).toBe(false);
    expect(await hasRow(stuck)).toBe(true);
  });

  it('are a failure of the sweep if S3 removes nothing', async () => {
    const stuck = await unfinished('beta');
    await expect(sweep({ exportFiles: refusing(stuck) })).rejects.toMatchObject({ name: 'SweepFailed' });
    expect(await hasRow(stuck)).toBe(true);
  });
});
