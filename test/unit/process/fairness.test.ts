import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import { imageSeconds } from '../../../lib/rules/measured.ts';
import { config as shipped } from '../../../sluice.config.ts';
import { openVirtualPipeline } from './virtual-pipeline.ts';

const { maxConcurrency, batchSize } = resolveConfig(shipped).process;
/** Images a second of a tenant that sends 100 times as many as the quiet one, together twice what the workers make. */
const loudPerSecond = (2 * maxConcurrency) / imageSeconds;
const quietImages = 50;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** @returns the 95th percentile of the quiet tenant's times from message to ready, in ms */
async function quietTime({ flood, groups = true }: { flood: boolean; groups?: boolean }): Promise<number> {
  const pipeline = openVirtualPipeline({ maxConcurrency, batchSize, seed: 3, varies: 1.5, groups });
  pipeline.start();
  let loud = 0;
  for (let sent = 0; sent < quietImages; sent += 1) {
    // Before and after each quiet image half of the loud ones, at an instant that is not in step with them.
    for (let step = 0; step < 10; step += 1) {
      await vi.advanceTimersByTimeAsync((10 * 1_000 * (0.5 + pipeline.random())) / loudPerSecond);
      loud += 10;
      if (flood) pipeline.send(10, 'loud');
      if (step === 4) pipeline.send(1, 'quiet');
    }
  }
  await vi.advanceTimersByTimeAsync(20_000);
  expect(loud).toBe(100 * quietImages);
  const times = pipeline.ended.filter(({ tenant }) => tenant === 'quiet').map(({ ms }) => ms);
  expect(times).toHaveLength(quietImages);
  return times.sort((a, b) => a - b)[Math.ceil(0.95 * quietImages) - 1] ?? 0;
}

it('a tenant at 100 × does not raise the p95 of another above twice its quiet value', async () => {
  const quiet = await quietTime({ flood: false });
  // Its own decode takes up to 1.75 times the mean.
  expect(quiet).toBeLessThan(2 * 1_000 * imageSeconds);
  expect((await quietTime({ flood: true })) / quiet).toBeLessThan(2);
});

it('without message groups the same flood delays it without bound: nothing else protects it', async () => {
  await expect(quietTime({ flood: true, groups: false })).rejects.toThrow('to have a length');
});
