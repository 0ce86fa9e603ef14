import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openVirtualPipeline } from './virtual-pipeline.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }));
afterEach(() => void vi.useRealTimers());

it('while the database is slow less is admitted, and all of it again within 10 s after', async () => {
  const pipeline = openVirtualPipeline({ maxConcurrency: 4, batchSize: 8, seed: 5, varies: 1 });
  pipeline.send(1_500);
  pipeline.start();
  const images = async (seconds: number) => {
    const before = pipeline.ended.length;
    const statements = pipeline.state.statements;
    await vi.advanceTimersByTimeAsync(seconds * 1_000);
    return [pipeline.ended.length - before, pipeline.state.statements - statements] as const;
  };
  await images(20);
  const [usual] = await images(20);
  expect(Math.min(...pipeline.shares())).toBe(1);

  // A statement that took 2 ms takes 600.
  pipeline.state.statementMs = 600;
  await images(10);
  expect(Math.max(...pipeline.shares())).toBeLessThan(0.3);
  const [, slow] = await images(60);
  // Four executions without a pause would have 400 statements in a minute.
  expect(slow).toBeLessThan(0.4 * 400);
  expect(slow).toBeGreaterThan(50);

  pipeline.state.statementMs = 2;
  await images(10);
  expect(Math.min(...pipeline.shares())).toBe(1);
  const [again] = await images(20);
  expect(again).toBeGreaterThan(0.9 * usual);
  await vi.advanceTimersByTimeAsync(240_000);
  expect(pipeline.ended).toHaveLength(1_500);
  expect(pipeline.mostReceives()).toBeLessThan(36);
});
