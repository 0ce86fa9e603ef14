import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallPhoto } from '../../support/pictures.ts';
import { off, on, stateOf } from './brown-out-states.ts';
import { openTestWorker, type TestWorker } from './test-worker.ts';

const decided = { width: 320, height: 320, formats: ['modern' as const], quality: 'standard' as const };

let testWorker: TestWorker;
let photo: Buffer;
beforeAll(async () => {
  testWorker = await openTestWorker(undefined, {
    fast: decided,
    slow: { ...decided, effort: { avif: 1, webp: 6 } },
  });
  photo = await smallPhoto(1, 240, 160);
});
afterAll(() => testWorker.close());

const keysOf = async (id: string) =>
  (await testWorker.db.admin.query('select key from variant where image_id = $1', [id])).rows;

describe('a preset with nothing but a format that the picture decides', () => {
  it('gets it with less effort, and is made anew', async () => {
    const id = await testWorker.upload(photo, { presets: ['slow'] });
    await testWorker.sendJob(id);
    expect(await testWorker.deliver(await testWorker.receive(), { brownOut: on })).toEqual([]);
    const pending = [{ preset: 'slow', format: 'modern' }];
    expect(await stateOf(testWorker, id)).toEqual({ status: 'ready', formats: ['avif'], pending });
    const fast = await keysOf(id);
    await testWorker.sendJob(id, { complete: true });
    expect(await testWorker.deliver(await testWorker.receive(), { brownOut: off })).toEqual([]);
    expect(await stateOf(testWorker, id)).toEqual({ status: 'ready', formats: ['avif'], pending: null });
    expect(await keysOf(id)).not.toEqual(fast);
  });

  it('is complete where the effort of what it became was the least', async () => {
    const id = await testWorker.upload(photo, { presets: ['fast'] });
    await testWorker.sendJob(id);
    expect(await testWorker.deliver(await testWorker.receive(), { brownOut: on })).toEqual([]);
    expect(await stateOf(testWorker, id)).toEqual({ status: 'ready', formats: ['avif'], pending: null });
  });
});
