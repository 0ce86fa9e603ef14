import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PresetFormat } from '../../../lambda/domain/preset.ts';
import type { Dependencies } from '../../../lambda/process/dependencies.ts';
import { settingsOf } from '../../../lib/bundling/settings.ts';
import { smallPhoto } from '../../support/pictures.ts';
import { openLane } from '../imaging/sandbox-folder.ts';
import { off, on } from './brown-out-states.ts';
import { openTestWorker, type TestWorker } from './test-worker.ts';

const quality = 'standard' as const;
const webp = { preset: 'small', format: 'webp' };

let testWorker: TestWorker;
let photo: Buffer;
beforeAll(async () => {
  testWorker = await openTestWorker(undefined, {
    small: { width: 320, formats: ['webp', 'jpeg'], quality },
    gone: { width: 160, formats: ['webp', 'jpeg'], quality },
  });
  photo = await smallPhoto(1, 240, 160);
});
afterAll(() => testWorker.close());

const row = async (id: string) =>
  (
    await testWorker.db.admin.query(
      `select status, pending, last_error as error,
         array(select preset || ' ' || format from variant where image_id = id order by preset, format) as variants
       from image where id = $1`,
      [id],
    )
  ).rows[0];

/** An image that is ready with its JPEGs, and whose WebPs follow. */
async function browned(presets = ['small']): Promise<string> {
  const id = await testWorker.upload(photo, { presets });
  await testWorker.sendJob(id);
  expect(await testWorker.deliver(await testWorker.receive(), { brownOut: on })).toEqual([]);
  expect(await row(id)).toMatchObject({ variants: presets.map((name) => `${name} jpeg`).sort() });
  return id;
}

/** Completes it by a version with these formats. */
async function completeWith(id: string, formats: PresetFormat[], more: Partial<Dependencies> = {}) {
  const next = openLane({ presets: { small: { width: 320, formats, quality } } });
  try {
    await testWorker.sendJob(id, { complete: true });
    const settings = settingsOf(next.settings, {});
    const parts = { brownOut: off, settings, lane: next.lane, ...more };
    expect(await testWorker.deliver(await testWorker.receive(), parts)).toEqual([]);
  } finally {
    next.close();
  }
}

describe('an image that waits with a format that the next version makes no longer', () => {
  it.each<[PresetFormat[], string[]]>([
    [
      ['modern', 'jpeg'],
      ['small avif', 'small jpeg'],
    ],
    [['png'], ['small jpeg', 'small png']],
    [
      ['original', 'png'],
      ['small jpeg', 'small png'],
    ],
  ])('gets all of %j that it lacks', async (formats, variants) => {
    const id = await browned();
    await completeWith(id, formats);
    expect(await row(id)).toEqual({ status: 'ready', pending: null, error: null, variants });
  });

  it('is not fetched and not decoded where it has all', async () => {
    const id = await browned();
    const { bucket } = testWorker.dependencies;
    const getOriginal = () => expect.unreachable();
    const lane = { decode: () => expect.unreachable() };
    await completeWith(id, ['jpeg'], { bucket: { ...bucket, getOriginal }, lane });
    expect(await row(id)).toEqual({ status: 'ready', pending: null, error: null, variants: ['small jpeg'] });
  });

  it('gets those of the presets that are left', async () => {
    const id = await browned(['gone', 'small']);
    expect(await row(id)).toMatchObject({ pending: [{ preset: 'gone', format: 'webp' }, webp] });
    await completeWith(id, ['modern', 'jpeg']);
    expect(await row(id)).toEqual({
      ...{ status: 'ready', pending: null, error: null },
      variants: ['gone jpeg', 'small avif', 'small jpeg'],
    });
  });
});
