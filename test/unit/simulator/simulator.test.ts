import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import { receivesIn } from '../../../lib/rules/receives.ts';
import { openArrivals } from '../../../simulator/arrivals.ts';
import { simulateCampaign } from '../../../simulator/campaign.ts';
import { scenarioOf } from '../../../simulator/config-scenario.ts';
import { streamOf } from '../../../simulator/random.ts';
import type { Scenario } from '../../../simulator/scenario.ts';
import { type Simulation, simulate } from '../../../simulator/simulate.ts';
import { config as shipped } from '../../../sluice.config.ts';

const config = resolveConfig({ ...shipped, admission: { maxBacklogAge: 30 } });
const { limits } = scenarioOf(config).database;

/** 25 images a second for a minute, three times the drain, with everything that can fail. */
const faults: Partial<Scenario> = {
  duplicates: 0.05,
  poison: 0.01,
  deploys: [20],
  storageFaults: [{ from: 30, to: 40 }],
};
function run(change: Partial<Scenario> = faults, seconds = 60): Simulation & { connections: number } {
  const scenario = { ...scenarioOf(config), until: 4 * 3_600, ...change };
  let connections = 0;
  const simulation = simulate(scenario, ({ clock, producers, pipeline, database }) => {
    const random = streamOf(scenario.seed, 'test');
    const look = () => {
      connections = Math.max(connections, database.connections);
      clock.after(0.05, look);
    };
    clock.after(0, look);
    return openArrivals(clock, { ratePerSecond: 25, seconds }, random, (tenant) => {
      const direct = random() < 0.5;
      producers.ask({ tenant, keyed: true, work: 1 }, (askedAt, after) =>
        clock.after(after, pipeline.admit({ tenant, work: 1, askedAt, obedient: true, direct })),
      );
    });
  });
  return Object.assign(simulation, { connections });
}

const away = (silent: boolean): Partial<Scenario> => ({
  ...faults,
  database: { ...scenarioOf(config).database, outages: [{ from: 45, to: 65, silent }] },
});

describe.each([
  ['a deploy, duplicates, poison and a storage that fails', faults],
  ['these and a database that refuses', away(false)],
  ['these and a database that is silent', away(true)],
])('a simulated campaign with %s', (_, change) => {
  const { ledger, mapping, database, queue, pipeline, connections } = run(change);

  it('loses nothing, doubles nothing, and ends each image that was admitted', () => {
    expect(ledger.offered).toBeGreaterThan(1_400);
    expect(ledger.admitted).toBe(ledger.offered);
    expect(ledger.uploaded).toBe(ledger.admitted);
    expect(ledger.ends.ready + ledger.ends.rejected).toBe(ledger.admitted);
    expect(ledger.ends.rejected).toBeGreaterThan(0);
    expect(ledger.doubled).toBe(0);
    expect(pipeline.unfinished).toBe(0);
    expect([queue.depth, queue.dead.length]).toEqual([0, 0]);
  });

  it('never has more executions than the cap, or more connections than the budget', () => {
    expect(mapping.peak).toBe(config.process.maxConcurrency);
    expect(database.peak.process).toBeLessThanOrEqual(config.process.maxConcurrency);
    expect(database.peak.api).toBeLessThanOrEqual(limits.api ?? 0);
    expect(database.refusedConnections).toBe(0);
    expect(connections).toBeGreaterThan(config.process.maxConcurrency);
    expect(connections).toBeLessThanOrEqual((limits.api ?? 0) + (limits.process ?? 0));
  });
});

describe('the simulator', () => {
  const campaign = { ratePerSecond: 60, seconds: 30, tenants: 5, loudShare: 0.8, obedient: 0.99 };

  it('repeats itself exactly with one seed, and not with another', () => {
    const once = simulateCampaign(config, campaign);
    expect(simulateCampaign(config, campaign)).toEqual(once);
    expect(simulateCampaign(config, { ...campaign, seed: 2 })).not.toEqual(once);
  });

  it('accounts for every request, and tells producers that obey what they need', () => {
    const result = simulateCampaign(config, campaign);
    expect(result.offered).toBe(result.admitted + result.givenUp);
    expect(result.ready).toBe(result.admitted);
    expect(result.refusedFirst).toBeGreaterThan(300);
    expect(result.peakExecutions).toBe(config.process.maxConcurrency);
    expect(result.timeline.reduce((sum, { admitted }) => sum + admitted, 0)).toBe(result.admitted);
    expect(result.drainSeconds).toBeGreaterThan(campaign.seconds);
  });

  it('ten minutes of a silent database cost few receives, and the drain is at full speed ten seconds later', () => {
    const outage = { from: 30, to: 630, silent: true };
    const { queue, ledger } = run({ database: { ...scenarioOf(config).database, outages: [outage] } });
    expect(queue.mostReceives).toBeGreaterThan(2);
    expect(queue.mostReceives).toBeLessThanOrEqual(receivesIn(600, config.process.timeoutSeconds));
    const endedIn = (from: number) => ledger.ended.filter(({ at }) => at > from && at <= from + 10).length;
    expect(endedIn(100)).toBe(0);
    expect(endedIn(outage.to + 10)).toBeGreaterThan(0.9 * endedIn(10));
  });

  it('a smaller connection limit than the cap is seen as refused connections', () => {
    const { database } = scenarioOf(config);
    const scarce = run({ database: { ...database, limits: { ...database.limits, process: 1 } } }, 20);
    expect(scarce.database.refusedConnections).toBeGreaterThan(0);
    expect(scarce.ledger.ends.ready).toBe(scarce.ledger.admitted);
  });

  it('a message whose job always fails is in the dead-letter queue after its receives', () => {
    const { queue, ledger } = run(
      { storageFaults: [{ from: 0, to: 1e9 }], queue: { maxReceiveCount: 3, fair: true }, until: 300 },
      4,
    );
    expect(ledger.admitted).toBeGreaterThan(50);
    expect(queue.dead.length).toBe(ledger.admitted);
    expect(queue.mostReceives).toBe(3);
  });

  it('invocations grow from five by 300 a minute, as the mapping of Lambda does', () => {
    const many = resolveConfig({
      ...shipped,
      process: { maxConcurrency: 200, batchSize: 1 },
      database: { maxConnections: 300, instance: 'm8g.large' },
    });
    const { timeline } = simulateCampaign(many, { ratePerSecond: 300, seconds: 20 });
    const at = (second: number) => timeline.find((one) => one.at >= second)?.executions ?? 0;
    expect(at(2)).toBeLessThanOrEqual(15);
    expect(at(10)).toBeGreaterThan(35);
    expect(at(10)).toBeLessThanOrEqual(55);
  });
});
