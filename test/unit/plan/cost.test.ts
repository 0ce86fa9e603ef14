import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { costTable } from '../../../bin/cost/table.ts';
import { resolveConfig, stageConfig } from '../../../lib/config/resolve.ts';
import type { ResolvedConfig, SluiceConfig } from '../../../lib/config/schema.ts';
import { reservedConcurrency } from '../../../lib/plan/concurrency.ts';
import { monthlyCost, sumOf } from '../../../lib/plan/cost.ts';
import { PriceUnknown } from '../../../lib/plan/database-cost.ts';
import { prices } from '../../../lib/plan/prices.ts';
import { config } from '../../../sluice.config.ts';
import { patience } from '../../support/pace.ts';

const projectRoot = resolve(import.meta.dirname, '../../..');

/** The configuration of the project at a stage, with some sections changed. */
function at(stage: string, changes: Partial<SluiceConfig> = {}): ResolvedConfig {
  return stageConfig({ ...config, ...changes }, stage);
}

function partOf(config: ResolvedConfig, name: string, rate = 0): number {
  const found = monthlyCost(config, rate).filter((part) => part.name.startsWith(name));
  return sumOf(found, 'idle', 'images', 'kept');
}

const idle = (config: ResolvedConfig) => sumOf(monthlyCost(config, 0), 'idle');

describe('what a stage costs in a month', () => {
  it('an idle dev costs at most 30 dollars a month', () => {
    expect(idle(at('dev'))).toBeLessThanOrEqual(30);
  });

  it('the cost is the sum of its parts, each with its arithmetic', () => {
    const parts = monthlyCost(at('prod'), 50);
    expect(sumOf(parts, 'idle', 'images', 'kept')).toBeCloseTo(
      parts.reduce((sum, { usd }) => sum + usd, 0),
      6,
    );
    expect(parts.filter(({ how }) => !/\d/.test(how))).toEqual([]);
    expect(new Set(parts.map(({ name, kind }) => `${kind} ${name}`)).size).toBe(parts.length);
  });

  it('no images cost nothing, and twice as many cost twice as much', () => {
    const prod = at('prod', { deploy: { tracing: false } });
    expect(monthlyCost(prod, 0).every(({ kind }) => kind === 'idle')).toBe(true);
    for (const name of ['API Gateway', 'Function process', 'S3 puts', 'Originals in S3'])
      expect(partOf(prod, name, 100)).toBeCloseTo(2 * partOf(prod, name, 50), 6);
  });

  it('the cost follows the configuration: standby, proxy, engine, endpoints, password, firewall', () => {
    const database = (changes: SluiceConfig['database']) => at('prod', { database: changes ?? {} });
    const hour = prices.rdsHour['t4g.small'] ?? Number.NaN;
    expect(partOf(database({ multiAz: false }), 'RDS t4g.small')).toBeCloseTo(730 * hour, 6);
    expect(partOf(database({}), 'RDS t4g.small')).toBeCloseTo(2 * 730 * hour, 6);
    expect(partOf(database({ proxy: true }), 'RDS Proxy')).toBeCloseTo(2 * 730 * 0.015, 6);
    expect(partOf(database({ engine: 'aurora-serverless', proxy: true }), 'RDS Proxy')).toBeCloseTo(
      8 * 730 * 0.015,
      6,
    );
    expect(partOf(database({ engine: 'aurora-serverless' }), 'Aurora at its minimum')).toBeCloseTo(
      2 * 0.5 * 730 * 0.12,
      6,
    );
    // For SQS and for EventBridge; with a password for Secrets Manager too.
    expect(partOf(database({ endpointZones: 1 }), 'Endpoints')).toBeCloseTo(2 * 730 * 0.01, 6);
    expect(partOf(database({ ownerLogin: 'password' }), 'Endpoints')).toBeCloseTo(3 * 2 * 730 * 0.01, 6);
    expect(partOf(database({ ownerLogin: 'password' }), 'Owner’s secret')).toBe(0.4);
    expect(partOf(at('prod', { deploy: { firewall: false } }), 'Firewall', 50)).toBe(0);
    const noBus = { events: { eventBridge: false } } as const;
    expect(partOf(at('prod', noBus), 'Endpoints')).toBeCloseTo(2 * 730 * 0.01, 6);
    expect(partOf(at('prod', { ...noBus, deploy: { readyEvents: true } }), 'Endpoints')).toBeCloseTo(
      2 * 2 * 730 * 0.01,
      6,
    );
  });

  it('an existing database and network are not counted', () => {
    const connection = {
      host: 'postgres.internal',
      name: 'photos',
      owner: { user: 'owner', secretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:owner' },
      roles: { auth: 'password', secretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:roles' },
    } as const;
    const names = monthlyCost(at('prod', { database: { connection } }), 50).map(({ name }) => name);
    expect(names.filter((name) => /RDS|Endpoints|Rows|Owner/.test(name))).toEqual([]);
  });

  it('traces are sampled as in X-Ray: the first of each second and a twentieth of the others', () => {
    const enqueueAndProcess = (rate: number) => partOf(at('prod'), 'Traces of enqueue', rate);
    // A second of a month is a trace of each function, 5 dollars a million; 600 a minute are ten a second.
    expect(enqueueAndProcess(600)).toBeCloseTo(2 * (2.628 + 0.05 * 9 * 2.628) * 5, 3);
    expect(enqueueAndProcess(30)).toBeCloseTo(2 * 0.5 * 2.628 * 5, 3);
  });

  it('an instance without a known price is an error that lists the known ones', () => {
    const other = at('prod', { database: { instance: 'x2g.16xlarge' } });
    expect(() => monthlyCost(other, 0)).toThrow(PriceUnknown);
    expect(() => monthlyCost(other, 0)).toThrow(/x2g\.16xlarge.*t4g\.micro/);
  });
});

describe('npm run cost', { timeout: patience(60_000) }, () => {
  const run = (...args: string[]) =>
    spawnSync('node', ['bin/cost.ts', ...args], { cwd: projectRoot, encoding: 'utf8' });

  it('npm run cost prints each part, the sum and the date of the prices', () => {
    const { stdout, status } = run('-c', 'stage=prod', '--images', '50/min');
    expect(status).toBe(0);
    expect(stdout).toBe(`${costTable('prod', 50, monthlyCost(at('prod'), 50))}\n`);
    expect(stdout).toContain(prices.asOf);
  });

  it('npm run cost --json prints the same as JSON', () => {
    const { stdout } = run('--json', '--images', '3k/h');
    expect(JSON.parse(stdout)).toEqual({
      stage: 'dev',
      imagesPerMinute: 50,
      parts: monthlyCost(at('dev'), 50),
    });
  });

  it.each([
    [['--images', 'many'], 2, '--images takes'],
    [['-c', 'prod'], 2, '-c takes'],
    [['--colour'], 2, '--colour'],
    [['stage=prod'], 2, 'stage=prod'],
    [['-c', 'stage=moon'], 2, 'there is no stage "moon"'],
  ])('npm run cost refuses %j with a message', (args, code, message) => {
    const { status, stderr } = run(...args);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(code);
  });
});

describe('the README', () => {
  it('the README states the cost of dev and prod, idle and at 50 images a minute', () => {
    const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
    for (const stage of ['dev', 'prod']) {
      const parts = monthlyCost(at(stage), 50);
      const [idleCost, busyCost] = [sumOf(parts, 'idle'), sumOf(parts, 'idle', 'images')].map(Math.round);
      expect(readme).toContain(
        `| \`${stage}\` | ${idleCost} $ | ${busyCost} $ | ${Math.round(sumOf(parts, 'kept'))} $ |`,
      );
    }
    expect(readme).toContain(prices.asOf);
  });

  it('the README states the concurrency limit that each stage needs', () => {
    const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
    const [dev, prod] = ['dev', 'prod'].map((stage) => reservedConcurrency(at(stage)).accountLimit);
    expect(readme).toContain(`a concurrency limit of ${dev} for \`dev\` and of ${prod} for \`prod\``);
  });

  it('the README of the package states the cost of the default pipeline and of a small one', () => {
    const readme = readFileSync(join(projectRoot, 'PACKAGE.md'), 'utf8').replace(/\s+/g, ' ');
    const { presets, watermarks } = config;
    const parts = monthlyCost(resolveConfig({ presets, watermarks }), 50);
    const [idleCost, busyCost] = [sumOf(parts, 'idle'), sumOf(parts, 'idle', 'images')].map(Math.round);
    expect(readme).toContain(`about ${idleCost} USD a month when idle`);
    expect(readme).toContain(
      `about ${busyCost} at 50 images a minute, to which S3 adds ${Math.round(sumOf(parts, 'kept'))}`,
    );
    expect(readme).toContain(prices.asOf);
    const small: SluiceConfig = {
      presets,
      watermarks,
      database: { multiAz: false, endpointZones: 1, instance: 't4g.micro', maxConnections: 80 },
      api: { maxConcurrency: 5 },
      deploy: { firewall: false },
    };
    const noBus = { ...small, events: { eventBridge: false } } as const;
    const [withBus, without] = [small, noBus].map((one) => Math.round(idle(resolveConfig(one))));
    expect(readme).toContain(
      `bring it down to ${withBus} when idle, and \`events: { eventBridge: false }\` to ${without}`,
    );
  });
});
