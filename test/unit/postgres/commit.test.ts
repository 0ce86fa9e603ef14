import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commitResults, type JobResult } from '../../../lambda/postgres/commit.ts';
import { type Bench, insertImage, openBench, readImage } from './rows.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const commit = (...results: JobResult[]) =>
  bench.as('sluice_process').run((connection) => commitResults(connection, results, { maxAttempts: 3 }));
const processing = (values: Record<string, unknown> = {}, lease = "now() + interval '1 minute'") =>
  insertImage(bench.admin, {
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
  it('writes each result in one call', async () => {
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
    expect(await readImage(bench.admin, good)).toMatchObject({
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
    expect(await readImage(bench.admin, bad)).toMatchObject({
      status: 'rejected',
      error_code: 'corrupt_image',
      error_detail: 'It is broken.',
      variants: 0,
    });
    expect(await readImage(bench.admin, again)).toMatchObject({
      status: 'queued',
      failures: 1,
      lease_expires_at: null,
    });
    expect((await readImage(bench.admin, again)).enqueued_at).toBeInstanceOf(Date);
  });

  it('counts no outage', async () => {
    const id = await processing({ failures: 2 });
    expect(await commit({ imageId: id, attempt: 2, outcome: 'released', counted: false })).toMatchObject([
      { state: 'written' },
    ]);
    expect(await readImage(bench.admin, id)).toMatchObject({ status: 'queued', failures: 2 });
  });

  it('ends an image as failed at its last counted attempt', async () => {
    const id = await processing({ failures: 2 });
    const result: JobResult = { imageId: id, attempt: 2, outcome: 'released', counted: true };
    expect(await commit(result)).toMatchObject([{ state: 'failed' }]);
    expect(await readImage(bench.admin, id)).toMatchObject({
      status: 'failed',
      failures: 3,
      error_code: 'internal',
    });
    expect(await commit(result)).toMatchObject([{ state: 'failed' }]);
  });

  it('answers the same when it is repeated, and writes nothing twice', async () => {
    const id = await processing();
    expect(await commit(ready(id))).toMatchObject([{ state: 'written' }]);
    expect(await commit(ready(id))).toMatchObject([{ state: 'written' }]);
    expect(await readImage(bench.admin, id)).toMatchObject({ status: 'ready', variants: 2 });
  });
});

describe('a worker that is no longer entitled', () => {
  it('writes nothing when the image was claimed again', async () => {
    const id = await processing({ attempt: 3 });
    expect(await commit(ready(id, 2))).toEqual([{ imageId: id, state: 'superseded' }]);
    expect(await readImage(bench.admin, id)).toMatchObject({ ...untouched, attempt: 3 });
  });

  it('writes nothing after the end of its lease, although nobody took its place', async () => {
    const id = await processing({}, "now() - interval '1 millisecond'");
    expect(await commit(ready(id))).toEqual([{ imageId: id, state: 'superseded' }]);
    expect(await readImage(bench.admin, id)).toMatchObject(untouched);
  });

  it('writes nothing to a deleted image, nor to one that is gone', async () => {
    const id = await processing();
    await bench.admin.query('update image set deleted_at = now() where id = $1', [id]);
    const gone = randomUUID();
    const states = (await commit(ready(id), ready(gone))).map(({ state }) => state);
    expect(states).toEqual(['superseded', 'superseded']);
    expect(await readImage(bench.admin, id)).toMatchObject(untouched);
  });

  it('does not keep the rest of its batch from being written', async () => {
    const mine = await processing();
    const lost = await processing({ attempt: 9 });
    const commits = await commit(ready(lost, 8), ready(mine));
    expect(new Map(commits.map(({ imageId, state }) => [imageId, state]))).toEqual(
      new Map([
        [lost, 'superseded'],
        [mine, 'written'],
      ]),
    );
    expect(await readImage(bench.admin, mine)).toMatchObject({ status: 'ready', variants: 2 });
  });
});
