import { describe, expect, it } from 'vitest';
import { resolveConfig, stageConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { reservedConcurrency } from '../../../lib/plan/concurrency.ts';

const reserved = (config: Partial<SluiceConfig>) =>
  reservedConcurrency(resolveConfig({ presets: { small: { width: 320 } }, ...config }));

const ofEvents = { relay: 2, dispatch: 2, analytics: 2, audit: 2 };
const ofExports = { export: 2, exportjob: 1 };

describe('reserved concurrency', () => {
  it('functions with a cap reserve concurrency; enqueue has none', () => {
    expect(reserved({})).toEqual({
      shares: { api: 20, process: 8, sweep: 1, migrate: 1, operate: 1, ...ofEvents, ...ofExports },
      sum: 42,
      accountLimit: 142,
    });
  });

  it('reserved concurrency follows the caps, including that of enqueue if it has one', () => {
    expect(
      reserved({
        api: { maxConcurrency: 7 },
        enqueue: { maxConcurrency: 25 },
        process: { maxConcurrency: 4 },
      }),
    ).toEqual({
      shares: {
        api: 7,
        enqueue: 25,
        process: 4,
        sweep: 1,
        migrate: 1,
        operate: 1,
        ...ofEvents,
        ...ofExports,
      },
      sum: 50,
      accountLimit: 150,
    });
  });

  it('dev reserves less concurrency than prod', () => {
    const plain: SluiceConfig = { presets: { small: { width: 320 } } };
    const limit = (stage: string) => reservedConcurrency(stageConfig(plain, stage)).accountLimit;
    expect([limit('prod'), limit('dev')]).toEqual([142, 123]);
  });

  it('without reserved concurrency any account limit is enough', () => {
    expect(reserved({ deploy: { reservedConcurrency: false } })).toEqual({
      shares: {},
      sum: 0,
      accountLimit: 0,
    });
  });
});
