import { describe, expect, it } from 'vitest';
import { statementTimeoutOf } from '../../../lambda/postgres/connection/role-limits.ts';
import { finishMs } from '../../../lambda/process/time-budget.ts';
import { connectionBudget } from '../../../lib/config/budget.ts';
import { resolveConfig, stageConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { mostReceives, receivesIn } from '../../../lib/rules/receives.ts';
import { databaseWaits, finishSeconds } from '../../../lib/rules/times.ts';

const resolved = (settings: Partial<SluiceConfig> = {}) =>
  resolveConfig({ presets: { small: { width: 320 } }, ...settings });

describe('settings that are not set', () => {
  it('a configuration that sets nothing has 20 API executions and 8 workers, in 76 of 100 connections', () => {
    const config = resolved();
    expect(config.api).toMatchObject({ maxConcurrency: 20, timeoutSeconds: 15 });
    expect(config.process).toMatchObject({ maxConcurrency: 8, timeoutSeconds: 60, maxReceiveCount: 125 });
    expect(config.deploy.requestsPerSecond).toBe(1000);
    expect(connectionBudget(config).total).toBe(76);
  });

  it.each([32, 40, 50, 60, 70, 75, 76, 200])(
    'a server with %i connections gets as many executions as fit',
    (maxConnections) => {
      const config = resolved({ database: { maxConnections, instance: 't4g.medium' } });
      const { total } = connectionBudget(config);
      expect(total).toBeLessThanOrEqual(maxConnections);
      // No more than the targets, and no more than two connections of rounding below what fits.
      expect(total).toBeGreaterThanOrEqual(Math.min(76, maxConnections - 2));
      expect(config.api.maxConcurrency).toBeLessThanOrEqual(20);
      expect(config.process.maxConcurrency).toBeLessThanOrEqual(8);
    },
  );

  it('a proxy needs fewer connections for the same executions', () => {
    const small = { maxConnections: 52, instance: 't4g.micro' };
    // 8 × (52 − 28) / 48.
    expect(resolved({ database: small }).process.maxConcurrency).toBe(4);
    expect(resolved({ database: { ...small, proxy: true } }).process.maxConcurrency).toBe(8);
    const config = { presets: { small: { width: 320 } }, database: small };
    expect(resolveConfig(config, { pooled: true }).process.maxConcurrency).toBe(8);
  });

  it('a server without any connection left keeps the smallest numbers, and the budget refuses them', () => {
    expect(() => resolved({ database: { maxConnections: 20 } })).toThrow(
      'process 2 (process.maxConcurrency) + api 2 (2 × api.maxConcurrency 1)',
    );
  });

  it('the gateway admits what the executions of the API can serve', () => {
    const ofApi = (api: object) => resolved({ api }).deploy.requestsPerSecond;
    expect(ofApi({ maxConcurrency: 5 })).toBe(258);
    // 0.29 of a processor at 512 MB, all of one at 1769.
    expect(ofApi({ maxConcurrency: 5, memoryMb: 1769 })).toBe(416);
    expect(ofApi({ maxConcurrency: 30, memoryMb: 1769 })).toBe(1000);
    expect(stageConfig({ presets: { small: { width: 320 } } }, 'dev').deploy.requestsPerSecond).toBe(258);
  });

  it('the time of a worker follows from the time limit of a decode, or from the batch', () => {
    const timeout = (decodeTimeoutMs: number) =>
      resolved({ limits: { decodeTimeoutMs } }).process.timeoutSeconds;
    expect(timeout(28_000)).toBe(60);
    expect(timeout(28_500)).toBe(120);
    expect(timeout(600_000)).toBe(900);
  });

  it('receives outlast a night, and end before the retention of the queue', () => {
    const receives = (process: object) => resolved({ process }).process.maxReceiveCount;
    expect(receives({ maxAttempts: 2 })).toBe(122);
    // 345,600 s / (6 × 900 + 0) s
    expect(receives({ timeoutSeconds: 900 })).toBe(64);
    expect(receives({ visibilityTimeoutSeconds: 9_600 })).toBe(36);
  });

  it('a batch fills 32 places with the cap, or is half of the cap, and at most ten', () => {
    const batch = (maxConcurrency: number) =>
      resolved({ process: { maxConcurrency }, database: { maxConnections: 2_000, instance: 't4g.2xlarge' } })
        .process.batchSize;
    expect([2, 3, 4, 7, 8, 9, 12, 20, 800].map(batch)).toEqual([10, 10, 8, 5, 4, 4, 6, 10, 10]);
  });

  it('a set value is used as it is, and the others do not shrink for it', () => {
    const config = resolved({ process: { maxConcurrency: 32 } });
    expect(config.process.maxConcurrency).toBe(32);
    expect(config.api.maxConcurrency).toBe(20);
  });
});

describe('the numbers of the rules', () => {
  it('the rules calculate with the waits of the code', () => {
    expect(databaseWaits.statement * 1000).toBe(statementTimeoutOf('sluice_api'));
    expect(finishSeconds * 1000).toBe(finishMs);
  });

  it('an outage of S3 takes the receives of the back-off, where those of the database are fewer', () => {
    // Eight take 2.5 + 5 + 10 + 20 + 40 + 80 + 160 + 320 = 637.5 s on average, and each further one 450 s.
    expect([637, 638, 638 + 449].map((outage) => receivesIn(outage, 900))).toEqual([8, 9, 9]);
  });

  it('half an hour without the database takes 31 receives, because workers wait with their messages', () => {
    // 56 s of 60 and 2.5 s on average: 1,800 s / 58.5 s.
    expect(receivesIn(1_800, 60)).toBe(31);
    expect(receivesIn(31 * 58.5 - 1, 60)).toBe(31);
    // 39,600 s: 40 × 58.5 s, then 56 s and 2.5 + … + 320 s and 450 s.
    expect(receivesIn(11 * 3_600, 60)).toBe(40 + 8 + 72);
    expect(receivesIn(1_800, 5)).toBe(50);
    expect(mostReceives(360)).toBe(960);
  });
});
