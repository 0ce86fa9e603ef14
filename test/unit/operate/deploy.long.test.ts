import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const bin = join(import.meta.dirname, '../../../bin');
/** Without credentials. */
const env = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  AWS_EC2_METADATA_DISABLED: 'true',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
};

function run(command: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(bin, command), ...args], {
    encoding: 'utf8',
    env,
  });
  return { status, stdout, stderr };
}

describe('npm run deploy', () => {
  it('deploys nothing if a check blocks, and names the check and the way to deploy anyway', () => {
    const { status, stdout, stderr } = run('deploy.ts', '-c', 'stage=prod');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^BLOCKS +account: could not be queried without valid credentials/m);
    expect(stderr).toContain('Nothing was deployed. Use --no-preflight to deploy anyway.');
  });

  it('passes its arguments to the CDK', () => {
    // The version that package.json pins.
    expect(run('deploy.ts', '--no-preflight', '--version')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^2\.1148\.1 /),
    });
    expect(run('deploy.ts', '--help').stdout).toContain('cdk deploy');
  });

  it('passes SIGTERM on to the CDK, as from a cancelled CI job', async () => {
    // An app that takes its time. What would end by itself ends with 1: it makes no assembly.
    const app = `${process.execPath} -e "console.error('the app is at work'); setTimeout(() => {}, 10000)"`;
    const output = mkdtempSync(join(tmpdir(), 'sluice-deploy-'));
    onTestFinished(() => rmSync(output, { recursive: true, force: true }));
    const words = [join(bin, 'deploy.ts'), '--no-preflight', '--app', app, '--output', output];
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = once(child, 'exit');
    for await (const text of child.stderr) if (String(text).includes('the app is at work')) break;
    child.kill('SIGTERM');
    expect(await ended).toEqual([143, null]);
  });
});

describe.each(['deploy.ts', 'preflight.ts'])('%s', (command) => {
  it('rejects an unknown stage with a message', () => {
    const { status, stderr } = run(command, '-c', 'stage=nope');
    expect(status).toBe(2);
    expect(stderr).toContain('there is no stage "nope", only dev, prod, localstack');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.each([[[]], [['--no-preflight']]])('with %j rejects --stage instead of using dev', (more) => {
    const { status, stdout, stderr } = run(command, ...more, '--stage', 'prod');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('Name the stage with -c stage=prod');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

it('npm run preflight --json prints its findings as JSON', () => {
  const { status, stdout } = run('preflight.ts', '--json');
  expect(status).toBe(1);
  const { stage, findings } = JSON.parse(stdout) as { stage: string; findings: { verdict: string }[] };
  expect(stage).toBe('dev');
  expect(findings[0]).toMatchObject({ check: 'account', verdict: 'blocks' });
  expect(findings.slice(1).every(({ verdict }) => verdict === 'unknown')).toBe(true);
});

it('npm run preflight exits with its verdict if its output is closed', async () => {
  const child = spawn(process.execPath, [join(bin, 'preflight.ts')], { env, stdio: 'pipe' });
  child.stdout.destroy();
  const errors: string[] = [];
  child.stderr.on('data', (text) => errors.push(String(text)));
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(errors.join('')).toBe('');
});
