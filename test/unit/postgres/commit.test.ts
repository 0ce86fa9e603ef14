import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Attempt, commitResults, type JobResult } from '../../../lambda/postgres/images/commit.ts';
import { markDeadLettered } from '../../../lambda/postgres/images/dead-lettered.ts';
import { insertImage, openTestDb, readImage, type TestDb } from './rows.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());

const commit = (...results: JobResult[]) =>
  db.as('sluice_process').run((connection) => commitResults(connection, results, { maxAttempts: 3 }));
const processing = (values: Record<string, unknown> = {}, lease = "now() + interval '1 minute'") =>
  insertImage(db.admin, {
    values: { status: 'processing', attempt: 2, ...values },
    sql: { lease_expires_at: lease },
  });
const original = { contentType: 'image/png', bytes: 1234, width: 640, height: 480, frames: 3 };
const placeholder = { color: '#336699', thumbhash: '3OcRJYB4d3h/iIeHeEh3eIhw+j2w' };
const variant = (format: 'webp' | 'jpeg') => ({
  preset: 'small',
  format,
  contentType: `image/${format}`,
  width: 320,
  height: 240,
  frames: 3,
  bytes: 999,
  sha256: 'cd'.repeat(32),
  key: `derived/alpha/x/small.${format}`,
});
const ready = (imageId: string, attempt = 2): JobResult => ({
  imageId,
  attempt,
  outcome: 'ready',
  original,
  placeholder,
  variants: [variant('webp'), variant('jpeg')],
});
const untouched = { status: 'processing', variants: 0, bytes: null, error_code: null };

describe('committing a batch', () => {
  it('a commit writes each result in one call', async () => {
    const good = await processing();
    const bad = await processing();
    const again = await processing();
    const commits = await commit(
      ready(good),
      { imageId: bad, attempt: 2, outcome: 'rejected', code: 'corrupt_image', detail: 'It is broken.' },
      { imageId: again, attempt: 2, outcome: 'released', counted: true },
    );
    expect(new Map(commits.map(({ imageId, state }) => [imageId, state]))).toEqual(
      new Map([
        [good, 'written'],
        [bad, 'written'],
        [again, 'written'],
      ]),
    );
    expect(await readImage(db.admin, good)).toMatchObject({
      status: 'ready',
      content_type: 'image/png',
      bytes: 1234,
      width: 640,
      height: 480,
      frames: 3,
      placeholder,
      variants: 2,
      lease_expires_at: null,
    });
    expect(await readImage(db.admin, bad)).toMatchObject({
      status: 'rejected',
      error_code: 'corrupt_image',
      error_detail: 'It is broken.',
      variants: 0,
    });
    expect(await readImage(db.admin, again)).toMatchObject({
      status: 'queued',
      failures: 1,
      lease_expires_at: null,
    });
    expect((await readImage(db.admin, again)).enqueued_at).toBeInstanceOf(Date);
  });

  it('a commit counts no outage', async () => {
    const id = await processing({ failures: 2 });
    expect(await commit({ imageId: id, attempt: 2, outcome: 'released', counted: false })).toMatchObject([
      { state: 'written' },
    ]);
    expect(await readImage(db.admin, id)).toMatchObject({ status: 'queued', failures: 2 });
  });

  it('a commit ends an image as failed at its last counted attempt', async () => {
    const id = await processing({ failures: 2 });
    const result: JobResult = { imageId: id, attempt: 2, outcome: 'released', counted: true };
    expect(await commit(result)).toMatchObject([{ state: 'failed' }]);
    expect(await readImage(db.admin, id)).toMatchObject({
      status: 'failed',
      failures: 3,
      error_code: 'internal',
    });
    expect(await commit(result)).toMatchObject([{ state: 'failed' }]);
  });

  it('a repeated commit returns the same, and writes nothing twice', async () => {
    const id = await processing();
    expect(await commit(ready(id))).toMatchObject([{ state: 'written' }]);
    expect(await commit(ready(id))).toMatchObject([{ state: 'written' }]);
    expect(await readImage(db.admin, id)).toMatchObject({ status: 'ready', variants: 2 });
  });
});

describe('a worker that lost its claim', () => {
  it('a commit writes nothing if the image was claimed again', async () => {
    const id = await processing({ attempt: 3 });
    expect(await commit(ready(id, 2))).toMatchObject([{ imageId: id, state: 'fenced' }]);
    expect(await readImage(db.admin, id)).toMatchObject({ ...untouched, attempt: 3 });
  });

  it('a commit writes nothing after the end of its lease, even if no other worker claimed the image', async () => {
    const id = await processing({}, "now() - interval '1 millisecond'");
    expect(await commit(ready(id))).toMatchObject([{ imageId: id, state: 'fenced' }]);
    expect(await readImage(db.admin, id)).toMatchObject(untouched);
  });

  it('a commit writes nothing to an image that is deleted or gone', async () => {
    const id = await processing();
    await db.admin.query('update image set deleted_at = now() where id = $1', [id]);
    const gone = randomUUID();
    const states = (await commit(ready(id), ready(gone))).map(({ state }) => state);
    expect(states).toEqual(['fenced', 'fenced']);
    expect(await readImage(db.admin, id)).toMatchObject(untouched);
  });

  it('a commit that writes nothing for one image writes the rest of its batch', async () => {
    const mine = await processing();
    const lost = await processing({ attempt: 9 });
    const commits = await commit(ready(lost, 8), ready(mine));
    expect(new Map(commits.map(({ imageId, state }) => [imageId, state]))).toEqual(
      new Map([
        [lost, 'fenced'],
        [mine, 'written'],
      ]),
    );
    expect(await readImage(db.admin, mine)).toMatchObject({ status: 'ready', variants: 2 });
  });
});

describe('images that begin', () => {
  const commitAnd = (results: JobResult[], ...beginning: Attempt[]) =>
    db
      .as('sluice_process')
      .run((connection) => commitResults(connection, results, { maxAttempts: 3, beginning }));

  it('an image begins in the statement that records the results of others', async () => {
    const [ended, next] = [await processing(), await processing({ lease_stage: 'waiting' })];
    expect(await commitAnd([ready(ended)], { imageId: next, attempt: 2 })).toMatchObject([
      { imageId: ended, state: 'written' },
      { imageId: next, state: 'begun' },
    ]);
    expect(await readImage(db.admin, ended)).toMatchObject({ status: 'ready', lease_stage: null });
    expect(await readImage(db.admin, next)).toMatchObject({ status: 'processing', lease_stage: 'beside' });
  });

  it('an image can begin without results, and repeatedly', async () => {
    const next = await processing({ lease_stage: 'waiting' });
    for (const _ of ['once', 'twice'])
      expect(await commitAnd([], { imageId: next, attempt: 2 })).toMatchObject([{ state: 'begun' }]);
  });

  it.each([
    ['claimed again', { attempt: 3 }, undefined],
    ['deleted', { deleted_at: new Date() }, undefined],
    ['held no longer', {}, "now() - interval '1 second'"],
  ])('an image does not begin if it was %s', async (_, values, lease) => {
    const next = await processing({ lease_stage: 'waiting', ...values }, lease);
    expect(await commitAnd([], { imageId: next, attempt: 2 })).toMatchObject([{ state: 'fenced' }]);
    expect(await readImage(db.admin, next)).toMatchObject({ lease_stage: 'waiting' });
  });
});

describe('a released image', () => {
  const released = (imageId: string, more: object) =>
    commit({ imageId, attempt: 2, outcome: 'released', counted: false, ...more });

  it('a released image keeps its error for an operator', async () => {
    const id = await processing({ lease_stage: 'beside' });
    await released(id, { error: 'internal: why' });
    expect(await readImage(db.admin, id)).toMatchObject({
      last_error: 'internal: why',
      lease_stage: null,
    });
  });

  it('a released image stays suspected if it is a suspect', async () => {
    const id = await processing({ lease_stage: 'alone' });
    await released(id, { suspect: true });
    expect(await readImage(db.admin, id)).toMatchObject({ status: 'queued', lease_stage: 'beside' });
  });

  it('a released image ends as failed if it cannot succeed, with its number of failures', async () => {
    const id = await processing({ failures: 1 });
    expect(await released(id, { counted: true, final: true })).toMatchObject([
      { state: 'failed', failures: 2 },
    ]);
    expect(await readImage(db.admin, id)).toMatchObject({ status: 'failed', lease_stage: null });
  });
});

describe('uploads with one ticket', () => {
  const uploads = { version: 'first', later: ['third', 'second'] };

  it('uploads are recorded whatever the result: the first is kept, the others are for the sweep', async () => {
    const results = [
      ready,
      (imageId: string): JobResult => ({ imageId, attempt: 2, outcome: 'released', counted: false }),
    ];
    for (const result of results) {
      const id = await processing();
      await commit({ ...result(id), uploads });
      expect(await readImage(db.admin, id)).toMatchObject({ original_version: 'first' });
      const { rows } = await db.admin.query(
        'select version_id from extra_upload where image_id = $1 order by 1',
        [id],
      );
      expect(rows.map(({ version_id }) => version_id)).toEqual(['second', 'third']);
    }
  });

  it('a later commit does not change which upload came first', async () => {
    const id = await processing({ original_version: 'known' });
    await commit({ ...ready(id), uploads });
    expect(await readImage(db.admin, id)).toMatchObject({ original_version: 'known' });
  });
});

describe('the record of a letter', () => {
  it('a letter is recorded for its failure, and for no other state', async () => {
    const failed = await insertImage(db.admin, { values: { status: 'failed', attempt: 4 } });
    const restarted = await processing({ attempt: 5 });
    const told = [failed, restarted].map((imageId) => ({ imageId, attempt: 4 }));
    const database = db.as('sluice_process');
    await database.run((connection) =>
      markDeadLettered(connection, [...told, { imageId: failed, attempt: 3 }]),
    );
    expect(await readImage(db.admin, failed)).toMatchObject({ dead_lettered_attempt: 4 });
    expect(await readImage(db.admin, restarted)).toMatchObject({ dead_lettered_attempt: null });
  });
});
