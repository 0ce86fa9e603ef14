import { expect, it } from 'vitest';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import { simulateCampaign } from '../../../simulator/campaign.ts';
import { config as shipped } from '../../../sluice.config.ts';
import { patience } from '../../support/pace.ts';

const withWorkers = (maxConcurrency: number) =>
  resolveConfig({
    ...shipped,
    process: { maxConcurrency },
    database: { maxConnections: maxConcurrency + 92, instance: 'm8g.4xlarge' },
  });

it(
  '800 workers, 170,000 images of ten thousand tenants in 200 seconds',
  () => {
    const campaign = { ratePerSecond: 50_000 / 60, seconds: 200, tenants: 10_000 };
    const result = simulateCampaign(withWorkers(800), campaign);
    expect(result.offered).toBeGreaterThan(160_000);
    expect(result.ready).toBe(result.offered);
    expect(result.peakExecutions).toBe(800);
    expect(result.peakConnections).toBeLessThanOrEqual(840);
  },
  patience(240_000),
);

it(
  'five days at 50 images a minute',
  () => {
    const result = simulateCampaign(resolveConfig(shipped), { ratePerSecond: 50 / 60, seconds: 5 * 86_400 });
    expect(result.ready).toBeGreaterThan(350_000);
    expect(result.refusedFirst).toBe(0);
  },
  patience(240_000),
);
