import { describe, expect, it } from 'vitest';
import { simulateOptions } from '../../../bin/simulate/options.ts';
import { progressWriter } from '../../../bin/simulate/progress.ts';
import { campaignTable, sensitivityTable } from '../../../bin/simulate/table.ts';
import { simulateCampaign } from '../../../simulator/campaign.ts';
import { sensitivities } from '../../../simulator/sensitivity.ts';
import { config as shipped } from '../../../sluice.config.ts';

const options = (...args: string[]) => simulateOptions(args, shipped);

describe('npm run simulate', () => {
  it('takes a campaign, and gives more workers a larger database', () => {
    const { campaign, config } = options(
      '--rate',
      '600/min',
      '--for',
      '10s',
      '--tenants',
      '3',
      '--workers',
      '200',
    );
    expect(campaign).toEqual({ ratePerSecond: 10, seconds: 10, tenants: 3, seed: 1 });
    expect(config.process.maxConcurrency).toBe(200);
    expect(config.database.maxConnections).toBe(268);
    expect(options('--workers', '12').config.database.maxConnections).toBe(100);
  });

  it.each([
    ['--rate', 'many'],
    ['--for', 'long'],
    ['--tenants', '0'],
    ['--workers', 'all'],
    ['--loud', '2'],
    ['--sed', '1'],
  ])('refuses %s %s', (...args) => expect(() => options(...args)).toThrow(TypeError));

  it('prints a campaign, and what each knob is worth', () => {
    const { source, config, campaign } = options('--rate', '300/min', '--for', '4s');
    const table = campaignTable(config, campaign, simulateCampaign(config, campaign));
    expect(table).toContain('executions at once, at most');
    const rows = [...sensitivities({ source, config, campaign, change: {} })];
    expect(rows).toHaveLength(17);
    expect(rows.every(({ result }) => result !== undefined)).toBe(true);
    expect(sensitivityTable(campaign, rows)).toContain('reach of a tenant (× what is free) × 0.5');
  });

  it('writes progress only once it takes more than two seconds', () => {
    let now = 0;
    const written: string[] = [];
    const progress = progressWriter(
      (text) => written.push(text),
      () => now,
    );
    now = 1_900;
    progress.at(60);
    expect(written).toEqual([]);
    now = 2_600;
    progress.at(120);
    expect(written.join()).toContain('2 min simulated');
  });
});
