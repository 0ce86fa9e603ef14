import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { identify } from '../../local/processes/identity.ts';
import { patience } from '../support/pace.ts';
import {
  buildInto,
  processesOf,
  projectLike,
  ready,
  refusal,
  startProcess,
  useBuilt,
} from './start-process.ts';
import { eventually, temporaryFolder } from './test-host.ts';

const built = useBuilt();

describe('npm start reports with a readable message', () => {
  test('npm start reports a port that is in use, and how to choose another', async () => {
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

  test.each(['http', '-1', '65536', '80.5'])('npm start reports SLUICE_PORT=%s as invalid', async (port) => {
    const said = await refusal(startProcess({ home: temporaryFolder(), environment: { SLUICE_PORT: port } }));
    expect(said).toContain(`SLUICE_PORT is "${port}", and must be a port`);
  });

  test('npm start reports a home folder that cannot be written', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const said = await refusal(startProcess({ home: join(file, 'home') }));
    expect(said).toContain(`Sluice keeps its state in ${join(file, 'home')}`);
    expect(said).toContain('a part of that path is a file');
    expect(said).toContain('SLUICE_HOME');
  });

  test('npm start reports another runner in the home folder', async () => {
    const home = temporaryFolder();
    writeFileSync(join(home, 'lock'), JSON.stringify(identify(process.pid)));
    const said = await refusal(startProcess({ home }));
    expect(said).toContain(`Another Sluice is using the state in ${home} (process ${process.pid})`);
  });

  test('npm start reports every mistake of the configuration with its path', async () => {
    const folder = temporaryFolder();
    const config = `export const config = { presets: { large: { width: 0, fit: 'round' } }, process: { batchSize: 11 }, colour: 1 };`;
    const said = await refusal(
      startProcess({ home: join(folder, 'home'), root: projectLike(folder, { config }) }),
    );
    for (const path of ['presets.large.width', 'presets.large.fit', 'process.batchSize', 'colour'])
      expect(said).toContain(path);
    expect(existsSync(join(folder, 'home'))).toBe(false);
  });

  test('npm start reports a configuration that is not TypeScript', async () => {
    const folder = temporaryFolder();
    const root = projectLike(folder, { config: 'export const config = {{' });
    const said = await refusal(startProcess({ home: join(folder, 'home'), root }));
    expect(said).toContain('sluice.config.ts cannot be read');
  });

  test('npm start reports an old Node', () => {
    const script = resolve(import.meta.dirname, '../../bin/check-node.cjs');
    const old = join(temporaryFolder(), 'old.cjs');
    writeFileSync(old, "Object.defineProperty(process.versions, 'node', { value: '20.20.2' });");
    const { status, stderr } = spawnSync(process.execPath, ['-r', old, script], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('Sluice needs Node 24, and this is 20.20.2.');
    expect(spawnSync(process.execPath, [script]).status).toBe(0);
  });
});

test('it starts, prints its address, its key and a command to try; the command works; SIGTERM ends every process', async () => {
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
  const lines = /^ {2}export KEY=.*\n {2}curl .*$/m.exec(said)?.[0] ?? '';
  const tried = spawn('sh', ['-c', lines], { cwd: resolve(import.meta.dirname, '../..') });
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
  expect(performance.now() - before).toBeLessThan(patience(10_000));
  expect(started.said()).toContain('Sluice has stopped');
  expect(processesOf(home)).toEqual([]);
  expect(readdirSync(join(home, 'processes'))).toEqual([]);
  expect(existsSync(join(home, 'lock'))).toBe(false);
});

test('functions are built once, and again when their sources change', async () => {
  expect((await buildInto(built())).built).toBe(false);
  expect((await buildInto(built(), { admission: { maxBacklogAge: 70 } })).built).toBe(true);
});
