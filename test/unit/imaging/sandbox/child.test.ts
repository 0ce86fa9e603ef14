import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { patience } from '../../../support/pace.ts';
import { draw, quartered } from '../fixtures.ts';
import { defaultConfig, project, sandboxEntry, sandboxFolder } from '../sandbox-folder.ts';
import { failure, isAlive, order, ticksOf, useFake } from './fake-lane.ts';

describe('the child', () => {
  it('the child has no credentials, only the variables that codecs and fonts need', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'canary');
    vi.stubEnv('DATABASE_PASSWORD', 'canary');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { decode } = useFake();
    const { message } = (await failure(decode(order('environment')))) as Error;
    expect(message).not.toContain('canary');
    const names = Object.keys(JSON.parse(message.slice(message.indexOf('{'))) as object).sort();
    const expected = [
      'FONTCONFIG_FILE',
      'MALLOC_ARENA_MAX',
      'MALLOC_MMAP_THRESHOLD_',
      'MALLOC_TRIM_THRESHOLD_',
      'UV_USE_IO_URING',
      'VIPS_CONCURRENCY',
      'VIPS_DISC_THRESHOLD',
    ];
    // Set by the system on macOS and by some runtimes.
    const added = (name: string) => name === 'LD_LIBRARY_PATH' || name.startsWith('__');
    expect(names.filter((name) => !added(name))).toEqual(expected);
  });

  it('the child knows the loaders that an operator has blocked', async () => {
    vi.stubEnv('SLUICE_BLOCKED_LOADERS', 'gif,tiff');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { decode } = useFake();
    const { message } = (await failure(decode(order('environment')))) as Error;
    expect(JSON.parse(message.slice(message.indexOf('{')))).toMatchObject({
      SLUICE_BLOCKED_LOADERS: 'gif,tiff',
    });
  });

  it('the child reads its own folder, but cannot write, or start processes or threads', async () => {
    const { decode } = useFake();
    const { message } = (await failure(decode(order('attempts')))) as Error;
    expect(JSON.parse(message.slice(message.indexOf('{')))).toEqual({
      readOwn: 'allowed',
      readOther: 'ERR_ACCESS_DENIED',
      write: 'ERR_ACCESS_DENIED',
      spawn: 'ERR_ACCESS_DENIED',
      thread: 'ERR_ACCESS_DENIED',
    });
  });

  const script = (root: string, then: string) => `
    import { readFileSync } from 'node:fs';
    import { openSandboxLane } from ${JSON.stringify(join(project, 'lambda/imaging/sandbox/lane.ts'))};
    const root = ${JSON.stringify(root)};
    const settings = JSON.parse(readFileSync(root + '/settings.json', 'utf8'));
    const lane = openSandboxLane({ entry: ${JSON.stringify(sandboxEntry)}, root, readable: [${JSON.stringify(project)}], settings });
    const decode = () => lane.decode({ bytes: readFileSync(root + '/a.png'), presetNames: Object.keys(settings.presets) }, { timeoutMs: ${patience(30_000)} });
    ${then}`;
  async function folder(config = defaultConfig) {
    const { root, remove } = sandboxFolder(config, {
      'a.png': await draw(quartered(600, 400)).png().toBuffer(),
    });
    onTestFinished(remove);
    return root;
  }

  it('the child does not keep its parent alive, exits with it, and prints nothing (no fontconfig warnings)', async () => {
    const code = script(await folder(), 'await decode(); console.log(lane.pid);');
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', code],
      {
        timeout: patience(30_000),
      },
    );
    expect(stderr).toBe('');
    await vi.waitUntil(() => !isAlive(Number(stdout)), { timeout: patience(10_000) });
  });

  it('an unused child does not keep its parent alive', async () => {
    const run = promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', script(await folder(), '')],
      {
        timeout: patience(30_000),
      },
    );
    await expect(run).resolves.toMatchObject({ stderr: '' });
  });

  it('the child exits when its parent is killed', async () => {
    const code = script(await folder(), 'await decode(); console.log(lane.pid); setInterval(() => 0, 1000);');
    const parent = spawn(process.execPath, ['--input-type=module', '-e', code]);
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    expect(isAlive(Number(line))).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitUntil(() => !isAlive(Number(line)), { timeout: patience(10_000) });
  });

  it.runIf(process.platform === 'linux')('a busy child exits at once when its parent is killed', async () => {
    // The most expensive AVIF takes half a minute; the child must end before it is done.
    const slow = {
      width: 1500,
      height: 1500,
      enlarge: true,
      formats: ['avif' as const],
      effort: { avif: 9 },
    };
    const root = await folder({ presets: { slow }, limits: { decodeTimeoutMs: 600_000 } });
    const code = script(root, 'decode(); console.log(lane.pid);');
    const parent = spawn(process.execPath, ['--input-type=module', '-e', code]);
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    // A child that has only started has used about 10 ticks.
    await vi.waitUntil(() => ticksOf(Number(line)) > 100, { timeout: patience(20_000), interval: 20 });
    parent.kill('SIGKILL');
    await vi.waitUntil(() => !isAlive(Number(line)), { timeout: patience(3000), interval: 20 });
  });
});
