import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
import { receivesIn } from '../../../lib/rules/receives.ts';
import { decodeMs, openVirtualPipeline, sleep } from './virtual-pipeline.ts';

const cap = 4;
const batchSize = 10;
const second = 1_000;
const minute = 60 * second;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const away = () => new TransientFailure('database_unavailable', 'away');
const refuses = () => sleep(5).then(() => Promise.reject(away()));
const isSilent = () => sleep(5_000).then(() => Promise.reject(away()));
const fullSpeed = (cap * 10 * second) / decodeMs;

describe.each([
  ['refuses connections', refuses],
  ['is silent until connects time out', isSilent],
])('thirty minutes in which the database %s', (_, unavailable) => {
  it('use up few receives, and a backlog drains at full speed 10 s after', async () => {
    const pipeline = openVirtualPipeline({ maxConcurrency: cap, batchSize, seed: 7 });
    pipeline.send(700);
    pipeline.start();
    await vi.advanceTimersByTimeAsync(10 * second);
    // What is quoted as full speed is the speed before the outage.
    expect(pipeline.ended.length).toBeGreaterThan(0.9 * fullSpeed);
    pipeline.state.unavailable = unavailable;
    await vi.advanceTimersByTimeAsync(30 * minute);
    pipeline.state.unavailable = undefined;
    const recovery = Date.now();
    const statements = pipeline.state.statements;
    await vi.advanceTimersByTimeAsync(20 * second);
    expect(pipeline.state.statements).toBeGreaterThan(statements);
    expect(pipeline.endedBetween(recovery + 10 * second, recovery + 20 * second)).toBeGreaterThan(
      0.9 * fullSpeed,
    );
    await vi.advanceTimersByTimeAsync(10 * minute);
    expect(pipeline.ended).toHaveLength(700);
    expect(pipeline.mostReceives()).toBeLessThanOrEqual(receivesIn(1_800, 60));
  });

  it('use up fewer receives than half an hour may, also of the few messages that return all the time', async () => {
    const pipeline = openVirtualPipeline({ maxConcurrency: cap, batchSize, seed: 7 });
    pipeline.start();
    pipeline.state.unavailable = unavailable;
    pipeline.send(15);
    await vi.advanceTimersByTimeAsync(30 * minute);
    pipeline.state.unavailable = undefined;
    await vi.advanceTimersByTimeAsync(10 * second + batchSize * decodeMs);
    expect(pipeline.ended).toHaveLength(15);
    expect(pipeline.mostReceives()).toBeGreaterThan(20);
    // The rule refuses fewer than this and process.maxAttempts.
    expect(pipeline.mostReceives()).toBeLessThanOrEqual(receivesIn(1_800, 60) + 2);
  });
});
