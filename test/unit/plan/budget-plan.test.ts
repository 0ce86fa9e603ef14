import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { planTable } from '../../../bin/plan/table.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { budgetPlan } from '../../../lib/plan/budget-plan.ts';
import { nextLevers } from '../../../lib/plan/levers.ts';
import { config as shipped } from '../../../sluice.config.ts';
import { patience } from '../../support/pace.ts';

const projectRoot = resolve(import.meta.dirname, '../../..');
const plain: SluiceConfig = { presets: { small: { width: 320 } } };
const rowsOf = (config: Partial<SluiceConfig>, stage = 'prod') =>
  budgetPlan({ ...plain, ...config }, stage).rows;
const row = (name: string, ...of: Parameters<typeof rowsOf>) =>
  rowsOf(...of).find((one) => one.name === name);

describe('the plan of a stage', () => {
  it('the plan lists what is derived with its arithmetic', () => {
    const rows = rowsOf({});
    expect(rows.every(({ how, reason }) => how === 'derived' && reason !== '')).toBe(true);
    const values = Object.fromEntries(rows.map(({ name, value }) => [name, value]));
    expect(values).toEqual({
      'api.maxConcurrency': '20',
      'deploy.requestsPerSecond': '1000',
      'api.timeoutSeconds': '15',
      'process.maxConcurrency': '8',
      'process.batchSize': '4',
      'process.timeoutSeconds': '60',
      'process.visibilityTimeoutSeconds': '360',
      'process.maxReceiveCount': '125',
      'MaximumConcurrency of the mapping': '8',
      'reserved concurrency': '42',
      connections: '76 of 100',
      'CONNECTION LIMIT of sluice_api': '40',
      'CONNECTION LIMIT of sluice_process': '8',
      'CONNECTION LIMIT of sluice_sweep': '2',
      'CONNECTION LIMIT of sluice_export': '2',
      'CONNECTION LIMIT of sluice_exportjob': '1',
      'CONNECTION LIMIT of sluice_relay': '2',
      'CONNECTION LIMIT of sluice_dispatch': '2',
      'CONNECTION LIMIT of sluice_analytics': '2',
      'CONNECTION LIMIT of sluice_audit': '2',
      'CONNECTION LIMIT of sluice_operate': '1',
      'retention of the dead-letter queue': '14 days',
      'images that wait at most': '7200',
      'of them, one tenant at most': '5760',
    });
    expect(row('process.visibilityTimeoutSeconds', {})?.reason).toBe('6 × 60 (timeout) + 0 (batch window)');
    expect(row('CONNECTION LIMIT of sluice_api', {})?.reason).toBe('2 × 20: a deploy has two generations');
  });

  it('a set value is marked, with what it would be otherwise', () => {
    expect(row('api.maxConcurrency', {}, 'dev')).toMatchObject({
      value: '5',
      how: 'set',
      reason: expect.stringMatching(/^otherwise 20: 2 × 20 \(api\)/),
    });
    expect(row('process.timeoutSeconds', { process: { timeoutSeconds: 60 } })).toMatchObject({
      how: 'set',
      reason: expect.stringMatching(/^two decodes 40 s/),
    });
    const visible = { process: { visibilityTimeoutSeconds: 400 } };
    expect(row('process.visibilityTimeoutSeconds', visible)).toMatchObject({ value: '400', how: 'set' });
  });

  it('a small server gets fewer executions, with the division', () => {
    expect(row('process.maxConcurrency', { database: { maxConnections: 52 } })).toMatchObject({
      value: '4',
      reason: expect.stringMatching(/^8 × 24 \/ 48: .*52 − 28 = 24 free$/),
    });
  });

  it('behind a proxy the limits are those of its pool', () => {
    const proxied = { database: { proxy: true }, process: { maxConcurrency: 800 } };
    expect(row('pool of the proxy', proxied)?.value).toBe('86 (86 %)');
    expect(row('transactions at once and connections', proxied)?.value).toBe('70 of 100');
    expect(row('CONNECTION LIMIT of sluice_process', proxied)).toMatchObject({
      value: '86',
      reason: 'the proxy’s pool, which all roles share',
    });
  });

  it('nothing is reserved if that is off', () => {
    expect(row('reserved concurrency', { deploy: { reservedConcurrency: false } })).toMatchObject({
      value: '0',
      reason: 'deploy.reservedConcurrency is false',
    });
  });
});

describe('the next levers', () => {
  const levers = (config: Partial<SluiceConfig> = {}) => nextLevers(resolveConfig({ ...plain, ...config }));

  it('the levers are the workers that fit, directly and behind a proxy', () => {
    expect(levers()).toEqual([
      { change: 'process.maxConcurrency: 32', workers: 32, imagesPerMinute: 1920 },
      {
        change: 'database.proxy: true and process.maxConcurrency: 1000',
        workers: 1000,
        imagesPerMinute: 60_000,
      },
    ]);
  });

  it.each([
    [{ process: { maxConcurrency: 32 } }, /^database\.proxy/],
    [{ database: { proxy: true, reserve: 40 } }, /^process\.maxConcurrency: 825$/],
  ])('only what changes something is a lever: %j', (config, change) => {
    const [best] = levers(config);
    expect(best?.change).toMatch(change);
  });

  it('what a lever allows is accepted, and one worker more is refused', () => {
    const database = { proxy: true, reserve: 40 };
    const workers = levers({ database })[0]?.workers ?? 0;
    expect(workers).toBeLessThan(1000);
    expect(() => levers({ database, process: { maxConcurrency: workers } })).not.toThrow();
    expect(() => levers({ database, process: { maxConcurrency: workers + 1 } })).toThrow('pool is too small');
  });

  it('an existing server is not offered a proxy', () => {
    const connection = {
      host: 'h',
      name: 'n',
      owner: { user: 'o', resourceId: 'db-1' },
      roles: { auth: 'iam', resourceId: 'db-1' },
    } as const;
    expect(levers({ database: { connection }, process: { maxConcurrency: 32 } })).toEqual([]);
  });
});

describe('npm run plan', { timeout: patience(60_000) }, () => {
  const home = mkdtempSync(join(tmpdir(), 'sluice-plan-'));
  afterAll(() => rmSync(home, { recursive: true }));
  const run = (args: string[], SLUICE_CONFIG = '') =>
    spawnSync('node', ['bin/plan.ts', ...args], {
      cwd: projectRoot,
      encoding: 'utf8',
      env: { ...process.env, SLUICE_CONFIG },
    });

  it('npm run plan prints the table', () => {
    const { stdout, status } = run(['-c', 'stage=prod']);
    expect(status).toBe(0);
    expect(stdout).toBe(`${planTable(budgetPlan(shipped, 'prod'))}\n`);
    expect(stdout).toMatch(/^ {2}connections +76 of 100 {2}derived {2}process 8 \+ api 40/m);
    expect(stdout).toContain('process.maxConcurrency: 32: 1920 a minute');
  });

  it('npm run plan --json prints the same as JSON, of dev by default', () => {
    expect(JSON.parse(run(['--json']).stdout)).toEqual(budgetPlan(shipped, 'dev'));
  });

  it('an unsafe configuration is refused with all mistakes', () => {
    const file = join(home, 'unsafe.config.mjs');
    writeFileSync(
      file,
      'export const config = { presets: { a: { width: 1 } }, process: { maxConcurrency: 800, maxReceiveCount: 5 } };',
    );
    const { stdout, stderr, status } = run([], file);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('= 868, but database.maxConnections is 100');
    expect(stderr).toContain('31 + 5 = 36 > 5');
    expect(stderr).not.toContain('    at ');
  });

  it.each([
    [['-c', 'stage=moon'], 1, 'there is no stage "moon"'],
    [['-c', 'prod'], 2, '-c takes'],
    [['--colour'], 2, '--colour'],
    [['stage=prod'], 2, 'stage=prod'],
  ])('npm run plan refuses %j with a message', (args, code, message) => {
    const { status, stderr } = run(args);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(code);
  });

  it('with no room left the table says so', () => {
    const plan = { stage: 'x', rows: [], levers: [] };
    expect(planTable({ ...plan, rows: rowsOf({}).slice(0, 1) })).toMatch(/No more workers fit\.$/);
  });
});
