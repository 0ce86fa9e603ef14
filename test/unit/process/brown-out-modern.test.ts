import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallPhoto } from '../../support/pictures.ts';
import { draw, grain } from '../imaging/fixtures.ts';
import { off, on, stateOf } from './brown-out-states.ts';
import { openTestWorker, type TestWorker } from './test-worker.ts';

const decided = { formats: ['modern' as const, 'jpeg' as const], quality: 'standard' as const };

let testWorker: TestWorker;
let files: Record<'photo' | 'grain', Buffer>;
beforeAll(async () => {
  testWorker = await openTestWorker(undefined, {
    small: { width: 320, height: 320, ...decided },
    // Below 10,000 pixels it is WebP.
    tiny: { width: 96, height: 96, ...decided },
  });
  files = {
    photo: await smallPhoto(1, 240, 160),
    grain: await draw(grain(160, 120)).png().toBuffer(),
  };
});
afterAll(() => testWorker.close());

describe('a format that the picture decides follows a brown-out', () => {
  it.each([
    ['small', 'photo', 'as what it becomes', ['avif', 'jpeg']],
    ['tiny', 'photo', 'as what it becomes', ['jpeg', 'webp']],
    ['small', 'grain', 'as nothing where the JPEG is smaller', ['jpeg']],
  ] as const)('of a %s %s %s', async (preset, file, _, formats) => {
    const id = await testWorker.upload(files[file], { presets: [preset] });
    await testWorker.sendJob(id);
    expect(await testWorker.deliver(await testWorker.receive(), { brownOut: on })).toEqual([]);
    expect(await stateOf(testWorker, id)).toEqual({
      status: 'ready',
      formats: ['jpeg'],
      pending: [{ preset, format: 'modern' }],
    });
    await testWorker.sendJob(id, { complete: true });
    expect(await testWorker.deliver(await testWorker.receive(), { brownOut: off })).toEqual([]);
    expect(await stateOf(testWorker, id)).toEqual({ status: 'ready', formats, pending: null });
  });
});
