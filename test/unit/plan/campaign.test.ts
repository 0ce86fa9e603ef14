import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { courseOf, heldPart, lambdaScaling, type Offer } from '../../../lib/plan/campaign.ts';
import { keepUp } from '../../../lib/plan/keep-up.ts';
import { peakConnections } from '../../../lib/plan/peak-connections.ts';
import { lambdaScaling as simulatedScaling } from '../../../simulator/config-scenario.ts';
import { config } from '../../../sluice.config.ts';
import { withPlainFormats } from '../../support/plain-formats.ts';

/* Eight workers at a second an image: eight images a second. The backlog of 900 s is 7,200 images. */
/** In formats of which a photograph takes the assumed second. */
const shipped: SluiceConfig = { ...config, presets: withPlainFormats(config.presets) };
const configOf = (changes: Partial<SluiceConfig> = {}) => resolveConfig({ ...shipped, ...changes });
const calm = { brownOut: { enabled: false } };
const offer = (changes: Partial<Offer> = {}): Offer => ({
  ratePerSecond: 100,
  seconds: 600,
  tenants: 1,
  ...changes,
});
const course = (changes?: Partial<Offer>, config: Partial<SluiceConfig> = calm) =>
  courseOf(configOf(config), offer(changes));

describe('the course of a campaign', () => {
  it('60,000 images at eight a second: held, admitted, told and drained as worked out by hand', () => {
    const { images, keepsUp, held, admittedAtOnce, allInSeconds, drainSeconds, told } = course();
    expect([images, keepsUp]).toEqual([60_000, false]);
    // One tenant holds 4/5 of 7,200. It gathers at 100 − 8 a second: 5,760 / 92 = 62.6 s × 100.
    expect(held).toBeCloseTo(5_760, 6);
    expect(admittedAtOnce).toBeCloseTo(6_260.87, 2);
    // (60,000 − 5,760) / 8, and 60,000 / 8 + 3 / 5 / 2 of starting workers + 1 s of the last image.
    expect(allInSeconds).toBeCloseTo(6_780, 6);
    expect(drainSeconds).toBeCloseTo(7_501.3, 6);
    // The last one asks after 600 s and is in after 6,780: waits grow from 0 to 6,180 s.
    expect(told.longestWait).toBeCloseTo(6_180, 6);
    expect(told.p50).toBeCloseTo(3_090, 6);
    expect([told.p95, told.max]).toEqual([3_600, 3_600]);
    // Of 53,739 refused ones, those of the last 2,580 s of 6,180 are refused twice.
    expect(told.beyondAnHour).toBeCloseTo(53_739.13 * (2_580 / 6_180), 0);
    expect(told.refusals).toBeCloseTo((53_739.13 / 60_000) * (1 + 2_580 / 6_180), 4);
  });

  it('a campaign that fits is admitted at once, and drained after it', () => {
    // 6,000 images in 60 s: 92 × 60 = 5,520 wait at its end, fewer than 5,760.
    const { admittedAtOnce, allInSeconds, drainSeconds, told } = course({ seconds: 60 });
    expect([admittedAtOnce, allInSeconds, told.max, told.refusals]).toEqual([6_000, 60, 0, 0]);
    expect(drainSeconds).toBeCloseTo(751.3, 6);
  });

  it('what comes as slowly as it is made is ready at its end', () => {
    const { keepsUp, drainSeconds, admittedAtOnce } = course({ ratePerSecond: 5 });
    expect([keepsUp, admittedAtOnce]).toEqual([true, 3_000]);
    expect(drainSeconds).toBeCloseTo(601, 6);
  });

  it('more tenants hold more of the capacity together', () => {
    expect([1, 2, 10].map(heldPart)).toEqual([0.8, 8 / 9, 40 / 41].map((part) => expect.closeTo(part, 9)));
    expect(course({ tenants: 10 }).held).toBeCloseTo((7_200 * 40) / 41, 6);
  });

  it('many workers are started in minutes, and make half of their pace meanwhile', () => {
    const many = { ...calm, database: { proxy: true }, process: { maxConcurrency: 800 } };
    const { rampSeconds, drainSeconds, keepsUp } = course({ ratePerSecond: 800 }, many);
    expect([rampSeconds, keepsUp]).toEqual([159, true]);
    // 480,000 / 800 + 159 / 2 + 1.
    expect(drainSeconds).toBeCloseTo(680.5, 6);
    expect(lambdaScaling).toEqual(simulatedScaling);
  });

  it('the gateway lets no more through than it is set to', () => {
    const slow = { ...calm, deploy: { requestsPerSecond: 50 } };
    const { admittedAtOnce, allInSeconds, told } = course({}, slow);
    // 5,760 × 50 / 42, and 60,000 images take 1,200 s to ask.
    expect(admittedAtOnce).toBeCloseTo(6_857.14, 2);
    expect([allInSeconds, told.longestWait].map(Math.round)).toEqual([6_780, 5_580]);
  });

  it('a brown-out begins at half of the longest age, and makes the rest faster at best', () => {
    const { drainAtBest, drainSeconds, pace } = course({}, {});
    // 116.36 of 372.71 ms: 25.62 a second, after 450 / (1 − 8 / 100) = 489.1 s in which 3,913 were made.
    expect(pace.inBrownOut).toBeCloseTo(25.62, 2);
    expect(drainAtBest).toBeCloseTo(489.13 + (60_000 - 3_913.04) / 25.6246 + 1.3, 0);
    expect(course().drainAtBest).toBeCloseTo(drainSeconds, 6);
  });
});

describe('what keeps up', () => {
  const answers = (changes: Partial<SluiceConfig>, ratePerSecond = 100) => {
    const { workers, allowances } = keepUp(configOf(changes), { ratePerSecond });
    return [workers, Object.fromEntries(allowances.map(({ limit, allowed }) => [limit, allowed]))] as const;
  };

  it('a second an image takes a worker for each image a second, and 100 connections do not allow 100', () => {
    const [workers, allowed] = answers({});
    expect(workers).toBe(100);
    expect(allowed).toEqual({
      connections: false,
      'with a proxy': true,
      'one mapping': true,
      account: true,
      gateway: true,
      API: true,
    });
    expect(answers({}, 32)[1].connections).toBe(true);
    expect(answers({}, 32.1)[1].connections).toBe(false);
  });

  it('a mapping starts 1,000 workers at most, and the gateway lets 1,000 requests a second through', () => {
    const [workers, allowed] = answers({ database: { proxy: true } }, 1_001);
    expect(workers).toBe(1_001);
    expect(allowed).toMatchObject({ proxy: false, 'one mapping': false, gateway: false });
    expect(answers({ database: { proxy: true } }, 1_000)[1]).toMatchObject({
      proxy: true,
      'one mapping': true,
      gateway: true,
    });
  });

  it('a smaller part of a vCPU takes more', () => {
    // 100 × 1769 / 1670 = 105.9.
    expect(answers({ process: { memoryMb: 1_670 } })[0]).toBe(106);
  });

  it('the account needs the workers, the other functions and 100 more', () => {
    const { allowances } = keepUp(configOf(), { ratePerSecond: 100 });
    // 100 + api 20 + sweep, migrate, operate 3 + relay, dispatch, analytics, audit 8 + exports 3 + 100.
    expect(allowances.find(({ limit }) => limit === 'account')?.reason).toContain('limit of 234: 100 + 34');
  });
});

describe('connections at the peak', () => {
  const peak = (config: Partial<SluiceConfig>, ratePerSecond: number) => {
    const resolved = configOf(config);
    return peakConnections(resolved, courseOf(resolved, offer({ ratePerSecond })), { ratePerSecond });
  };

  it('all workers, and as many environments of the API as the tickets start at once', () => {
    // A ticket takes 0.003 × 1769 / 512 + 0.009 = 0.01937 s, and 0.5 s to start: 20 a second are 10.4.
    const { roles, peak: sum, inDeploy, available, pooled } = peak({}, 20);
    expect(roles.map(({ role, peak: one, inDeploy: both, budget }) => [role, one, both, budget])).toEqual([
      ['process', 8, 8, 8],
      ['api', 11, 22, 40],
      ['sweep', 2, 2, 2],
      ['relay', 2, 2, 2],
      ['dispatch', 2, 2, 2],
      ['analytics', 2, 2, 2],
      ['audit', 2, 2, 2],
      ['export', 2, 2, 2],
      ['exportjob', 1, 1, 1],
      ['operate', 0, 0, 1],
      ['migrate', 0, 1, 1],
    ]);
    expect([sum, inDeploy, available, pooled]).toEqual([32, 44, 100, false]);
  });

  it('fewer workers are busy while they keep up, and the API never has more than its cap', () => {
    expect(peak({}, 2).roles[0]).toMatchObject({ role: 'process', peak: 2 });
    expect(peak({}, 5_000).roles[1]).toMatchObject({ role: 'api', peak: 20, inDeploy: 40 });
  });

  it('behind a proxy 800 workers have 22 transactions open', () => {
    const { roles, available, pooled } = peak(
      { database: { proxy: true }, process: { maxConcurrency: 800 } },
      900,
    );
    expect([pooled, available]).toEqual([true, 86]);
    expect(roles[0]).toMatchObject({ role: 'process', peak: 22, budget: 22 });
    expect(roles[1]).toMatchObject({ role: 'api', peak: 20, inDeploy: 20 });
  });
});
