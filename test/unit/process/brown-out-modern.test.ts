import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallPhoto } from '../../support/pictures.ts';
import { off, on, stateOf } from './brown-out-states.ts';
import { openTestWorker, type TestWorker } from './test-worker.ts';

const decided = { formats: ['modern' as const, 'jpeg' as const], quality: 'standard' as const };

let testWorker: TestWorker;
let photo: Buffer;
beforeAll(async () => {
  testWorker = await openTestWorker(undefined, {
    small: { width: 320, height: 320, ...decided },
    // Below 10,000 pixels it is WebP.
    tiny: { width: 96, height: 96, ...decided },
    coarse: { width: 320, height: 320, ...decided, quality: { avif: 95, jpeg: 10 } },
  });
  photo = await smallPhoto(1, 240, 160);
});
afterAll(() => testWorker.close());

describe('a format that the picture decides follows a brown-out', () => {
  it.each([
    ['small', 'as what it becomes', ['avif', 'jpeg']],
    ['tiny', 'as what it becomes', ['jpeg', 'webp']],
    ['coarse', 'as nothing where the JPEG is smaller', ['jpeg']],
  ])('of %s %s', async (preset, _, formats) => {
    const id = await testWorker.upload(photo, { presets: [preset] });
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
