import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { campaignChart } from '../../../bin/plan/campaign-chart.ts';
import { campaignText } from '../../../bin/plan/campaign-text.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { offerPlan } from '../../../lib/plan/campaign-plan.ts';
import { config as written } from '../../../sluice.config.ts';
import { patience } from '../../support/pace.ts';
import { withPlainFormats } from '../../support/plain-formats.ts';

/** In formats of which a photograph takes the assumed second. */
const shipped: SluiceConfig = { ...written, presets: withPlainFormats(written.presets) };

const projectRoot = resolve(import.meta.dirname, '../../..');
const offer = { ratePerSecond: 50_000 / 60, seconds: 600, tenants: 10 };
const behindProxy: SluiceConfig = {
  ...shipped,
  database: { proxy: true },
  process: { maxConcurrency: 800 },
};

describe('a campaign as text', () => {
  it.each([
    ['dev', shipped],
    ['prod', shipped],
    ['prod', behindProxy],
  ] as const)('every line of %s fits 120 columns, and no number is missing', (stage, config) => {
    const text = campaignText(offerPlan(config, stage, offer));
    expect(text.split('\n').filter((line) => line.length > 120)).toEqual([]);
    expect(text).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });

  it('it says how long the campaign takes, who waits, what it costs, and what would help', () => {
    const text = campaignText(offerPlan(shipped, 'prod', offer));
    for (const part of [
      'A campaign on the stage prod: 50,000 images a minute for 10 min, 500,000 images of 10 tenants',
      /workers make +480 images a minute: 8 workers/,
      /last image ready after +17 h 21 min/,
      'To keep up: 834 workers',
      /connections: no +32 workers at most/,
      /sum +41 +62 +of 100/,
      /admitted at once +7,092 images, 1\.4 %/,
      /beyond an hour +463,\d+ images wait for up to 16 h/,
      /^ {2}sum +\d+\.\d\d {2}this campaign of 500,000: \d+\.\d\d$/m,
      'assumed     a photograph of 12 megapixels takes 1 s on Lambda at 1769 MB as WebP and JPEG of 1600,',
      /connections +76 of 100 +derived/,
    ])
      expect(text).toMatch(part);
  });

  it('a gateway that lets less through than is offered is named', () => {
    expect(campaignText(offerPlan(shipped, 'dev', offer))).toMatch(/gateway +429 to 69 % of the requests/);
    expect(campaignText(offerPlan(shipped, 'prod', offer))).not.toContain('429');
  });
});

it('requests that are refused cost as others do, and the hours are those of the drain', () => {
  const { cost, course } = offerPlan(shipped, 'prod', offer).campaign;
  const usd = (name: RegExp) => cost.items.find((item) => name.test(item.name))?.usd;
  expect(course.told.refusals).toBeGreaterThan(1);
  expect(usd(/^API Gateway$/)).toBeCloseTo((3 + course.told.refusals) * 3.5, 6);
  // Two servers for as long as a million take at the pace of half a million.
  expect(usd(/^RDS t4g\.small$/)).toBeCloseTo((2 * 2 * 0.032 * course.drainSeconds) / 3600, 6);
});

describe('a campaign as a chart', () => {
  it('is one SVG of 16:10 without a gap, described in words', () => {
    for (const config of [shipped, behindProxy]) {
      const svg = campaignChart(offerPlan(config, 'prod', offer));
      expect(svg).toMatch(/^<svg[^>]* viewBox="0 0 960 600"/);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      expect(svg).toContain('50,000 images a minute for 10 min on the stage prod');
    }
  });
});

describe('npm run plan -- --rate', { timeout: patience(60_000) }, () => {
  const home = mkdtempSync(join(tmpdir(), 'sluice-campaign-'));
  afterAll(() => rmSync(home, { recursive: true }));
  const run = (args: string[], SLUICE_CONFIG = '') =>
    spawnSync('node', ['bin/plan.ts', ...args], {
      cwd: projectRoot,
      encoding: 'utf8',
      env: { ...process.env, SLUICE_CONFIG },
    });
  const campaign = ['--rate', '50000/min', '--for', '10m', '--simulate', '0'];

  it('prints the campaign and the budget', () => {
    const { stdout, status, stderr } = run(['-c', 'stage=prod', ...campaign]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`${campaignText(offerPlan(written, 'prod', offer))}\n`);
  });

  it('simulates a small campaign, draws it, and prints both as JSON', () => {
    const file = join(home, 'campaign.svg');
    const few = ['--rate', '5/s', '--for', '10s', '--tenants', '2', '--json', '--chart', file];
    const { stdout, status, stderr } = run(['-c', 'stage=prod', ...few]);
    expect(status).toBe(0);
    const { campaign: printed, ...budget } = JSON.parse(stdout);
    const { simulated, ...arithmetic } = printed;
    const expected = offerPlan(written, 'prod', { ratePerSecond: 5, seconds: 10, tenants: 2 });
    expect({ ...budget, campaign: arithmetic }).toEqual(JSON.parse(JSON.stringify(expected)));
    expect(simulated.ready).toBe(simulated.offered);
    expect(simulated.ready).toBeGreaterThan(20);
    expect(stderr).toContain('Simulating the campaign');
    expect(readFileSync(file, 'utf8')).toContain('simulated');
  });

  it('an unsafe configuration is refused with all mistakes, and nothing is printed', () => {
    const file = join(home, 'unsafe.config.mjs');
    writeFileSync(
      file,
      'export const config = { presets: { a: { width: 1 } }, process: { maxConcurrency: 800, maxReceiveCount: 5 } };',
    );
    const { stdout, stderr, status } = run(campaign, file);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('= 868, but database.maxConnections is 100');
    expect(stderr).toContain('31 + 5 = 36 > 5');
    expect(stderr).not.toContain('    at ');
  });

  it('an instance without a price is named', () => {
    const file = join(home, 'priceless.config.mjs');
    writeFileSync(
      file,
      "export const config = { presets: { a: { width: 1 } }, database: { instance: 'x2g.16xlarge' } };",
    );
    const { stderr, status } = run(['-c', 'stage=prod', ...campaign], file);
    expect(status).toBe(1);
    expect(stderr).toMatch(/no price for database\.instance x2g\.16xlarge/);
    expect(stderr).not.toContain('    at ');
  });

  it.each([
    [['--rate', 'many', '--for', '10m'], '--rate takes images'],
    [['--rate', '5/s'], '--rate needs'],
    [[...campaign, '--chart', join(projectRoot, 'no/such/folder/a.svg')], 'cannot be written'],
  ])('%j ends with 2 and a message', (args, message) => {
    const { status, stderr } = run(args);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(2);
  });
});
