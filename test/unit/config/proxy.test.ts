import { describe, expect, it } from 'vitest';
import {
  BudgetExceeded,
  connectionBudget,
  PoolTooSmall,
  poolConnections,
  roleShares,
} from '../../../lib/config/budget.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { configMistakes } from '../../support/config-mistakes.ts';

const plain: SluiceConfig = { presets: { small: { width: 320 } } };

/** The mistakes in a configuration whose types were not checked. */
function mistakes(written: unknown): string[] {
  return configMistakes(() => resolveConfig(written as SluiceConfig));
}

describe('a proxy before the database', () => {
  it('a proxy gets whole percents of the connections left by migrate, the reserve and superusers', () => {
    const config = resolveConfig({ ...plain, database: { maxConnections: 150 } });
    // (150 − 1 − 10 − 3) / 150 = 90.7 %. The one connection of operate is the pool's.
    expect(poolConnections(config)).toEqual({ percent: 90, connections: 135 });
    const pooled = { connections: 135, persistent: false };
    expect(roleShares(config, true)).toEqual({
      sluice_api: { connections: 135, persistent: true },
      sluice_process: pooled,
      sluice_sweep: pooled,
      sluice_export: pooled,
      sluice_exportjob: pooled,
      sluice_relay: pooled,
      sluice_dispatch: pooled,
      sluice_analytics: pooled,
      sluice_audit: pooled,
      sluice_operate: pooled,
    });
  });

  it('behind a proxy 800 workers fit into 100 connections, because each has one for a transaction only', () => {
    const config = resolveConfig({
      ...plain,
      database: { proxy: true },
      process: { maxConcurrency: 800 },
    });
    expect(connectionBudget(config)).toEqual({
      // 800 × 3.2 ms of 480 ms × 4; an environment of the API has a connection while it answers, not two generations.
      process: 22,
      api: 20,
      sweep: 2,
      export: 2,
      exportjob: 1,
      relay: 2,
      dispatch: 2,
      analytics: 2,
      audit: 2,
      migrate: 1,
      operate: 1,
      reserve: 10,
      superuser: 3,
      total: 70,
      available: 100,
    });
    expect(roleShares(config, true).sluice_process).toEqual({ connections: 86, persistent: false });
  });

  it('without the proxy they are refused with the arithmetic', () => {
    expect(mistakes({ ...plain, process: { maxConcurrency: 800 } })).toEqual([
      expect.stringMatching(
        /process 800 \(process\.maxConcurrency\) \+ api 40 .* = 868, but database\.maxConnections is 100\..*set database\.proxy/,
      ),
    ]);
    expect(() =>
      roleShares(
        resolveConfig({ ...plain, database: { proxy: true }, process: { maxConcurrency: 800 } }),
        false,
      ),
    ).toThrow(BudgetExceeded);
  });

  it('an existing proxy counts as one, and so does one that an app passes', () => {
    const process = { maxConcurrency: 800 };
    const owner = { user: 'o', resourceId: 'db-1', host: 'server' };
    const behind = (resourceId: string) => ({
      connection: { host: 'h', name: 'n', owner, roles: { auth: 'iam', resourceId } },
    });
    expect(mistakes({ ...plain, process, database: behind('prx-1') })).toEqual([]);
    expect(mistakes({ ...plain, process, database: behind('db-1') })).toHaveLength(1);
    // `proxy` is a setting of the pipeline's own server.
    expect(mistakes({ ...plain, process, database: { ...behind('db-1'), proxy: true } })).toHaveLength(1);
    expect(configMistakes(() => resolveConfig({ ...plain, process }, { pooled: true }))).toEqual([]);
    expect(configMistakes(() => resolveConfig({ ...plain, process }, { pooled: false }))).toHaveLength(1);
  });

  it('a pool below what is open at once throws a typed error', () => {
    const config = resolveConfig({ ...plain, database: { proxy: true } });
    const database = { ...config.database, maxConnections: 30 };
    expect(() => roleShares({ ...config, database }, true)).toThrow(PoolTooSmall);
  });
});
