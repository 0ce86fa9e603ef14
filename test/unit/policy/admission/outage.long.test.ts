import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../../lib/config/resolve.ts';
import { openArrivals } from '../../../../simulator/arrivals.ts';
import { scenarioOf } from '../../../../simulator/config-scenario.ts';
import { withMean } from '../../../../simulator/distributions.ts';
import { streamOf } from '../../../../simulator/random.ts';
import type { Scenario } from '../../../../simulator/scenario.ts';
import { simulate } from '../../../../simulator/simulate.ts';
import { config } from '../../../../sluice.config.ts';
import { patience } from '../../../support/pace.ts';

/* 20 environments, about 29 images a second, twice as many offered, nine of ten by one tenant. */

const workers = 32;
const from = 150;
const until = 330;

function run(seed: number, seconds: number) {
  const base = scenarioOf(resolveConfig(config), { seed });
  const scenario: Scenario = {
    ...base,
    until,
    drains: false,
    admission: { maxBacklogSeconds: 60, priorPerSecond: 26, slots: workers },
    api: { routing: 'random', environments: 20, requestsPerSecond: 1e6, burst: 1e6 },
    worker: {
      ...base.worker,
      cap: workers,
      batchSize: 1,
      jobsInFlight: 1,
      scaling: { first: 1_000, perSecond: 1_000 },
    },
    times: { ...base.times, decode: withMean(base.times.decode, 1), fetch: [0.02], put: [0.02] },
    database: {
      ...base.database,
      statementsAtOnce: 100,
      maxConnections: 1_000,
      limits: { api: 100, process: 200, sweep: 5 },
      outages: [{ from, to: from + seconds }],
    },
  };
  const { ledger, gauges } = simulate(scenario, ({ clock, producers, pipeline }) => {
    const random = streamOf(seed, 'outage');
    const arrivals = { ratePerSecond: 52, seconds: until, tenants: 10, loudShare: 0.9 };
    return openArrivals(clock, arrivals, random, (tenant) =>
      producers.ask({ tenant, keyed: true, work: 1 }, (askedAt, after) => {
        const upload = pipeline.admit({ tenant, work: 1, askedAt, obedient: true, direct: false });
        clock.after(after + 0.3, upload);
      }),
    );
  });
  const bySecond = (name: 'returns' | 'ended') =>
    gauges.map((gauge, n) => gauge[name] - (gauges[n - 1]?.[name] ?? 0));
  const mean = (list: number[]) => list.reduce((sum, one) => sum + one, 0) / list.length;
  const ended = bySecond('ended');
  return {
    drain: mean(ended.slice(60, from - 5)),
    drainAfter: mean(ended.slice(from + seconds + 10)),
    returns: bySecond('returns'),
    told: ledger.told.filter(({ code, letIn }) => code === 'database_unavailable' && letIn !== undefined),
  };
}

describe('a database that is away for 20 seconds', () => {
  it.each([1, 2, 3, 4, 5])(
    'brings no herd back, and workers are never without work: seed %i',
    (seed) => {
      const { drain, drainAfter, returns, told } = run(seed, 20);
      expect(Math.max(...returns.slice(from))).toBeLessThanOrEqual(1.5 * drain);
      expect(drainAfter).toBeGreaterThan(0.95 * drain);
      // Those that were told in the outage, and have returned: some before it was over.
      expect(told.length).toBeGreaterThan(300);
      const letIn = told.filter((one) => one.letIn).length / told.length;
      expect(letIn).toBeGreaterThan(0.8);
    },
    patience(120_000),
  );
});
