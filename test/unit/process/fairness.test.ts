import { afterEach, beforeEach, it, vi } from 'vitest';
import { openVirtualPipeline } from './virtual-pipeline.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }));
afterEach(() => void vi.useRealTimers());

async function run(cap: number, batchSize: number, loud: boolean) {
  const p = openVirtualPipeline({ maxConcurrency: cap, batchSize, seed: 3, varies: 1.5 });
  p.start();
  const perSecond = cap / 0.48;
  const quietEvery = 100_000 / (2 * perSecond);
  if (loud) {
    setInterval(() => p.send(Math.round(perSecond * 2 / 10), 'loud'), 100);
  }
  for (let i = 0; i < 120; i++) {
    await vi.advanceTimersByTimeAsync(Math.round(quietEvery * (0.5 + p.random())));
    p.send(1, 'quiet');
  }
  await vi.advanceTimersByTimeAsync(20_000);
  const ms = p.ended.filter((e) => e.tenant === 'quiet').map((e) => e.ms).sort((a, b) => a - b);
  return [ms.length, ms[Math.floor(ms.length * 0.5)], ms[Math.floor(ms.length * 0.95)]];
}
it('x', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'Date', 'performance'] });
  for (const [cap, batch] of [[8, 10], [8, 5], [8, 4],[8,3], [8, 2], [8,1], [20, 10], [40, 10],[2,10]] as const) {
    const q = await run(cap, batch, false); const l = await run(cap, batch, true);
    console.log(cap, batch, q, l, (l[2] ?? 0) / (q[2] ?? 1));
  }
}, 600000);
