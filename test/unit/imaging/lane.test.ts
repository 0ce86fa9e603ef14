import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Rejection, TransientFailure } from '../../../lambda/domain/failure.ts';
import type { DecoderLaneOptions } from '../../../lambda/imaging/lane.ts';
import { decoderEntry, decoderFolder, defaultConfig, useLane } from './decoder-folder.ts';
import { draw, noise, quartered } from './fixtures.ts';

const fakeEntry = join(import.meta.dirname, 'fake-decoder.ts');
const project = resolve(import.meta.dirname, '../../..');
const useFake = (options: Partial<DecoderLaneOptions> = {}) =>
  useLane(defaultConfig, { entry: fakeEntry, limits: { decodeTimeoutMs: 60_000 }, ...options });
const order = (text: string) => Buffer.from(text);
const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('it should have failed'),
    (error: Rejection | TransientFailure) => error,
  );
/** Processor time of a child in user mode, in ticks of 10 ms. */
const ticksOf = (pid: number) =>
  Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[11] ?? 0);
const isAlive = (pid: number | undefined) => {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('the lane, with the real decoder', () => {
  it('gives the same bytes each time, in each child', async () => {
    const file = await draw(noise(700, 500)).jpeg().toBuffer();
    const [a, b] = [useLane(defaultConfig), useLane(defaultConfig)];
    const runs = [await a.decode(file), await a.decode(file), await b.decode(file)];
    const [first, ...others] = runs.map(({ variants }) => variants.map(({ sha256 }) => sha256));
    expect(first).toHaveLength(6);
    for (const other of others) expect(other).toEqual(first);
  });

  it('keeps one child warm between images', async () => {
    const { lane, decode } = useLane(defaultConfig);
    const file = await draw(quartered(60, 40)).png().toBuffer();
    await decode(file);
    const { pid } = lane;
    await decode(file);
    await failure(decode(order('not an image at all')));
    await decode(file);
    expect(lane.pid).toBe(pid);
  });

  it('a child that is killed in the middle of a decode costs nothing: the image is still made', async () => {
    const { lane, decode } = useLane(defaultConfig);
    const large = await draw(noise(3000, 2000)).jpeg({ quality: 95 }).toBuffer();
    await decode(await draw(quartered(60, 40)).png().toBuffer());
    const { pid = 0 } = lane;
    const before = process.platform === 'linux' ? ticksOf(pid) : 0;
    const work = decode(large);
    if (process.platform === 'linux')
      await vi.waitUntil(() => ticksOf(pid) >= before + 5, { timeout: 10_000, interval: 5 });
    process.kill(pid, 'SIGKILL');
    expect((await work).variants).toHaveLength(6);
    expect(lane.pid).not.toBe(pid);
  });

  it('a child that is killed at rest is replaced', async () => {
    const { lane, decode } = useLane(defaultConfig);
    const file = await draw(quartered(60, 40)).png().toBuffer();
    await decode(file);
    process.kill(lane.pid ?? 0, 'SIGKILL');
    expect((await decode(file)).variants).toHaveLength(6);
  });

  it('several images at once come back each to its own caller', async () => {
    const { decode } = useLane(defaultConfig);
    const widths = [30, 40, 50, 60];
    const files = await Promise.all(widths.map((width) => draw(quartered(width, 20)).png().toBuffer()));
    const decoded = await Promise.all(files.map((file) => decode(file)));
    expect(decoded.map(({ original }) => original.width)).toEqual(widths);
  });

  it('a preset that does not exist is our fault, not the image’s', async () => {
    const { decode } = useLane(defaultConfig);
    const error = await failure(decode(await draw(quartered(60, 40)).png().toBuffer(), ['constructor']));
    expect(error).toMatchObject({ name: 'TransientFailure', code: 'internal' });
  });

  it('works as the bundle that is deployed', async () => {
    const { root, settings, remove } = decoderFolder(defaultConfig);
    onTestFinished(remove);
    const entry = join(root, 'decoder.mjs');
    await build({
      entryPoints: [decoderEntry],
      outfile: entry,
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'esm',
      external: ['sharp'],
    });
    symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
    const { decode } = useLane(defaultConfig, { entry, root, limits: settings.limits });
    expect((await decode(await draw(quartered(60, 40)).png().toBuffer())).variants).toHaveLength(6);
  });
});

describe('the lane, with a decoder that', () => {
  it('dies on an image: decoder_crashed after a second try, and the next image is unharmed', async () => {
    const { decode } = useFake();
    for (const way of ['die', 'exit']) {
      expect(await failure(decode(order(way)))).toMatchObject({ name: 'Rejection', code: 'decoder_crashed' });
      await decode(order('healthy'));
    }
  });

  it('dies once: the image is made', async () => {
    const { decode } = useFake();
    await expect(decode(order('once'))).resolves.toMatchObject({ original: { width: 1 } });
  });

  it('hangs: decoder_timeout within twice its time, killed, and the next image is unharmed', async () => {
    const decodeTimeoutMs = 1000;
    const { lane, decode } = useFake({ limits: { decodeTimeoutMs } });
    await decode(order('healthy'));
    const { pid } = lane;
    const start = performance.now();
    const [hung, next] = await Promise.all([failure(decode(order('hang'))), decode(order('healthy'))]);
    expect(hung).toMatchObject({ name: 'Rejection', code: 'decoder_timeout' });
    expect(next.original.width).toBe(1);
    const took = performance.now() - start;
    expect(took).toBeGreaterThanOrEqual(2 * decodeTimeoutMs);
    expect(took).toBeLessThan(2 * decodeTimeoutMs + 10_000);
    await vi.waitUntil(() => !isAlive(pid), { timeout: 10_000 });
  });

  it('hangs until the caller’s time ends: out_of_time, for the image was not given its own', async () => {
    const { decode } = useFake();
    await decode(order('healthy'));
    const waiting = [decode(order('hang'), [], 200), decode(order('healthy'), [], 200)].map(failure);
    for (const error of await Promise.all(waiting))
      expect(error).toMatchObject({ name: 'TransientFailure', code: 'out_of_time' });
    await decode(order('healthy'));
  });

  it('dies, and has no time left for a second try: out_of_time as well', async () => {
    const { decode } = useFake();
    const error = await failure(decode(order('again'), [], 1500));
    expect(error).toMatchObject({ name: 'TransientFailure', code: 'out_of_time' });
  });

  it.runIf(process.platform === 'linux')(
    'grows: killed at its bound, and the next image is unharmed',
    async () => {
      const { decode } = useFake({ maxRssBytes: 300 * 1024 * 1024 });
      const error = await failure(decode(order('grow')));
      expect(error).toMatchObject({ name: 'Rejection', code: 'decoder_crashed' });
      expect((error as Rejection).detail).toContain('memory');
      await decode(order('healthy'));
    },
  );

  it('never starts: decoder_lost, which is nobody’s image’s fault, until it starts again', async () => {
    const { root, decode } = useFake();
    await decode(order('healthy'));
    writeFileSync(join(root, 'broken'), '');
    // The warm child dies on the image, and no other starts in its place.
    expect(await failure(decode(order('die')))).toMatchObject({
      name: 'TransientFailure',
      code: 'decoder_lost',
    });
    expect(await failure(decode(order('healthy')))).toMatchObject({ code: 'decoder_lost' });
    rmSync(join(root, 'broken'));
    await decode(order('healthy'));
  });

  it('has no file at all: decoder_lost', async () => {
    const { decode } = useFake({ entry: join(import.meta.dirname, 'no-such-decoder.mjs') });
    expect(await failure(decode(order('healthy')))).toMatchObject({ code: 'decoder_lost' });
  });

  it('has done its share: a new one takes over', async () => {
    const { lane, decode } = useFake({ recycleAfter: 2 });
    const pids: (number | undefined)[] = [];
    for (let count = 0; count < 5; count++) {
      await decode(order('healthy'));
      pids.push(lane.pid);
    }
    expect(pids[0]).toBe(pids[1]);
    expect(pids[2]).toBe(pids[3]);
    expect(new Set(pids).size).toBe(3);
    await vi.waitUntil(() => !isAlive(pids[0]), { timeout: 10_000 });
  });

  it('is closed while it works: decoder_lost, for those who wait as well', async () => {
    const { lane, decode } = useFake();
    await decode(order('healthy'));
    const waiting = [decode(order('hang')), decode(order('healthy'))].map(failure);
    const { pid } = lane;
    lane.close();
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ code: 'decoder_lost' });
    await vi.waitUntil(() => !isAlive(pid), { timeout: 10_000 });
  });
});

describe('the child', () => {
  it('is given no credentials, only what codecs and fonts need', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'canary');
    vi.stubEnv('DATABASE_PASSWORD', 'canary');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { decode } = useFake();
    const { message } = (await failure(decode(order('environment')))) as Error;
    expect(message).not.toContain('canary');
    const names = Object.keys(JSON.parse(message.slice(message.indexOf('{'))) as object).sort();
    const expected = ['FONTCONFIG_FILE', 'MALLOC_ARENA_MAX', 'VIPS_CONCURRENCY', 'XDG_CACHE_HOME'];
    const allowed = ['LD_LIBRARY_PATH', 'NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE'];
    expect(names.filter((name) => !allowed.includes(name) && !name.startsWith('__'))).toEqual(expected);
  });

  const script = (root: string, then: string) => `
    import { readFileSync } from 'node:fs';
    import { openDecoderLane } from ${JSON.stringify(join(project, 'lambda/imaging/lane.ts'))};
    const root = ${JSON.stringify(root)};
    const { limits, presets } = JSON.parse(readFileSync(root + '/settings.json', 'utf8'));
    const lane = openDecoderLane({ entry: ${JSON.stringify(decoderEntry)}, root, limits });
    const decode = () => lane.decode({ bytes: readFileSync(root + '/a.png'), presetNames: Object.keys(presets) }, { timeoutMs: 30000 });
    ${then}`;
  async function folder() {
    const { root, remove } = decoderFolder(defaultConfig, {
      'a.png': await draw(quartered(600, 400)).png().toBuffer(),
    });
    onTestFinished(remove);
    return root;
  }

  it('does not keep the parent alive, goes with it, and neither says a word (no fontconfig warnings)', async () => {
    const code = script(await folder(), 'await decode(); console.log(lane.pid);');
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', code],
      {
        timeout: 30_000,
      },
    );
    expect(stderr).toBe('');
    await vi.waitUntil(() => !isAlive(Number(stdout)), { timeout: 10_000 });
  });

  it('does not keep a parent alive that never used it', async () => {
    const run = promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', script(await folder(), '')],
      {
        timeout: 30_000,
      },
    );
    await expect(run).resolves.toMatchObject({ stderr: '' });
  });

  it('goes when its parent is killed', async () => {
    const code = script(await folder(), 'await decode(); console.log(lane.pid); setInterval(() => 0, 1000);');
    const parent = spawn(process.execPath, ['--input-type=module', '-e', code]);
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    expect(isAlive(Number(line))).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitUntil(() => !isAlive(Number(line)), { timeout: 10_000 });
  });
});
