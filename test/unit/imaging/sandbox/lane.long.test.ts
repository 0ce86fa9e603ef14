import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Rejection } from '../../../../lambda/domain/failure.ts';
import { patience } from '../../../support/pace.ts';
import { draw, noise, quartered } from '../fixtures.ts';
import { defaultConfig, project, sandboxEntry, sandboxFolder, useLane } from '../sandbox-folder.ts';
import { failure, isAlive, order, ticksOf, useFake } from './fake-lane.ts';

describe('the lane, with the real sandbox', () => {
  it('every child gives the same bytes each time', async () => {
    const file = await draw(noise(700, 500)).jpeg().toBuffer();
    const [a, b] = [useLane(defaultConfig), useLane(defaultConfig)];
    const runs = [await a.decode(file), await a.decode(file), await b.decode(file)];
    const [first, ...others] = runs.map(({ variants }) => variants.map(({ sha256 }) => sha256));
    expect(first).toHaveLength(6);
    for (const other of others) expect(other).toEqual(first);
  });

  it('a child stays warm between images', async () => {
    const { lane, decode } = useLane(defaultConfig);
    const file = await draw(quartered(60, 40)).png().toBuffer();
    await decode(file);
    const { pid } = lane;
    await decode(file);
    await failure(decode(order('not an image at all')));
    await decode(file);
    expect(lane.pid).toBe(pid);
  });

  it('an image is completed after its child was killed in the middle of a decode', async () => {
    const { lane, decode } = useLane(defaultConfig);
    const large = await draw(noise(3000, 2000)).jpeg({ quality: 95 }).toBuffer();
    await decode(await draw(quartered(60, 40)).png().toBuffer());
    const { pid = 0 } = lane;
    const before = process.platform === 'linux' ? ticksOf(pid) : 0;
    const work = decode(large);
    if (process.platform === 'linux')
      await vi.waitUntil(() => ticksOf(pid) >= before + 5, { timeout: patience(10_000), interval: 5 });
    process.kill(pid, 'SIGKILL');
    expect((await work).variants).toHaveLength(6);
    expect(lane.pid).not.toBe(pid);
  });

  it('a child that is killed while idle is replaced', async () => {
    const { lane, decode } = useLane(defaultConfig);
    const file = await draw(quartered(60, 40)).png().toBuffer();
    await decode(file);
    process.kill(lane.pid ?? 0, 'SIGKILL');
    expect((await decode(file)).variants).toHaveLength(6);
  });

  it('the results of several concurrent images reach their own callers', async () => {
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

  it('the deployed bundle works', async () => {
    const { root, settings, remove } = sandboxFolder(defaultConfig);
    onTestFinished(remove);
    const entry = join(root, 'sandbox.mjs');
    await build({
      entryPoints: [sandboxEntry],
      outfile: entry,
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'esm',
      external: ['sharp', 'koffi'],
    });
    symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
    const { decode } = useLane(defaultConfig, { entry, root, settings });
    expect((await decode(await draw(quartered(60, 40)).png().toBuffer())).variants).toHaveLength(6);
  });
});

describe('the lane, with a failing sandbox', () => {
  it('a sandbox that dies on an image: decoder_crashed after a second try, and the next image is unharmed', async () => {
    const { decode } = useFake();
    for (const way of ['die', 'exit']) {
      expect(await failure(decode(order(way)))).toMatchObject({ name: 'Rejection', code: 'decoder_crashed' });
      await decode(order('healthy'));
    }
  });

  it('a sandbox that dies once: the image is completed', async () => {
    const { lane, root, decode } = useFake();
    await decode(order('healthy'));
    writeFileSync(join(root, 'victim'), String(lane.pid));
    await expect(decode(order('once'))).resolves.toMatchObject({ original: { width: 1 } });
  });

  it('a sandbox that hangs: killed, decoder_crashed within twice its time limit, and the next image is unharmed', async () => {
    // It is also enough for a healthy image.
    const decodeTimeoutMs = patience(1000);
    const { lane, decode } = useFake({ decodeTimeoutMs });
    await decode(order('healthy'));
    const { pid } = lane;
    const start = performance.now();
    const [hung, next] = await Promise.all([failure(decode(order('hang'))), decode(order('healthy'))]);
    expect(hung).toMatchObject({
      name: 'Rejection',
      code: 'decoder_crashed',
      detail: 'The image took too long to decode.',
    });
    expect(next.original.width).toBe(1);
    const took = performance.now() - start;
    expect(took).toBeGreaterThanOrEqual(2 * decodeTimeoutMs);
    expect(took).toBeLessThan(2 * decodeTimeoutMs + patience(10_000));
    await vi.waitUntil(() => !isAlive(pid), { timeout: patience(10_000) });
  });

  it('a sandbox that hangs until the caller’s time ends: decode_cut_off, because the image did not have its full time', async () => {
    const { decode } = useFake();
    await decode(order('healthy'));
    const waiting = [decode(order('hang'), [], 200), decode(order('healthy'), [], 200)].map(failure);
    const [first, second] = await Promise.all(waiting);
    expect(first).toMatchObject({ name: 'TransientFailure', code: 'decode_cut_off' });
    // It starts when its own time is nearly over: cut off, or never started.
    expect(second).toMatchObject({
      name: 'TransientFailure',
      code: expect.stringMatching(/^(?:decode_cut_off|out_of_time)$/),
    });
    await decode(order('healthy'));
  });

  it('a sandbox that dies without time for a second try: decode_cut_off', async () => {
    const { lane, root, decode } = useFake();
    await decode(order('healthy'));
    writeFileSync(join(root, 'victim'), String(lane.pid));
    const error = await failure(decode(order('again'), [], 1500));
    expect(error).toMatchObject({ name: 'TransientFailure', code: 'decode_cut_off' });
  });

  it.runIf(process.platform === 'linux')(
    'a sandbox that grows: killed at its memory limit, and the next image is unharmed',
    async () => {
      const { decode } = useFake({ maxRssBytes: 300 * 1024 * 1024 });
      const error = await failure(decode(order('grow')));
      expect(error).toMatchObject({ name: 'Rejection', code: 'decoder_crashed' });
      expect((error as Rejection).detail).toContain('memory');
      await decode(order('healthy'));
    },
  );

  it('a sandbox that never starts: decoder_lost, not counted against the image, until it starts again', async () => {
    const { root, decode } = useFake();
    await decode(order('healthy'));
    writeFileSync(join(root, 'broken'), '');
    // The warm child dies on the image, and no other child starts.
    expect(await failure(decode(order('die')))).toMatchObject({
      name: 'TransientFailure',
      code: 'decoder_lost',
    });
    expect(await failure(decode(order('healthy')))).toMatchObject({ code: 'decoder_lost' });
    rmSync(join(root, 'broken'));
    await decode(order('healthy'));
  });

  it('a sandbox without its file: decoder_lost', async () => {
    const { decode } = useFake({ entry: join(import.meta.dirname, 'no-such-decoder.mjs') });
    expect(await failure(decode(order('healthy')))).toMatchObject({ code: 'decoder_lost' });
  });

  it('a sandbox without its folder: decoder_lost', async () => {
    const { root, decode } = useFake();
    rmSync(root, { recursive: true });
    await failure(decode(order('die')));
    expect(await failure(decode(order('healthy')))).toMatchObject({ code: 'decoder_lost' });
  });

  it.each([
    ['garbage', 'the mark is missing'],
    ['half', 'closed within a frame'],
    ['close', 'closed'],
    ['flood', 'flooded the log'],
    ['ready again', 'a response to another request'],
    ['the order before', 'a response to another request'],
    ['a lie before the truth', 'a response to another request'],
    ['500 MB', 'a length is out of bounds'],
    ['no variants', 'a wrong number of variants'],
    ['a variant less', 'a wrong number of variants'],
    ['a variant more', 'a wrong number of variants'],
    ['another format', 'a variant that was not requested'],
    ['another preset', 'a variant that was not requested'],
    ['too few bytes', 'bytes for variants of'],
    ['another original', 'another original'],
    ['a NUL for the row', 'no text like'],
    ['a width for no row', 'a number out of bounds'],
  ])(
    'a sandbox that responds with something else than requested (%s): decoder_crashed at once, and the next is unharmed',
    async (way, why) => {
      const { decode } = useFake();
      const error = await failure(decode(order(way)));
      expect(error).toMatchObject({ name: 'Rejection', code: 'decoder_crashed' });
      expect(String(error.cause)).toContain(why);
      await decode(order('healthy'));
    },
  );

  it('a sandbox that responds twice: the first response counts, and another sandbox takes over', async () => {
    const { lane, decode } = useFake();
    await expect(decode(order('twice'))).resolves.toMatchObject({ original: { width: 1 } });
    const { pid } = lane;
    await decode(order('healthy'));
    expect(lane.pid).not.toBe(pid);
  });

  it('a sandbox that prints a reason before it exits: it is logged in one line', async () => {
    const { decode } = useFake();
    const { cause } = await failure(decode(order('speak up')));
    expect(String(cause)).toMatch(/it said: a codec’s complaint in two lines$/);
  });

  it.each(['fork', 'fork and exit'])(
    'a sandbox that leaves another process with its pipes (%s): reported as fast as without',
    async (way) => {
      // The other one sleeps for a minute.
      const { decode } = useFake({ decodeTimeoutMs: patience(1000) });
      await decode(order('healthy'));
      const [lost, next] = await Promise.all([failure(decode(order(way))), decode(order('healthy'))]);
      expect(lost).toMatchObject({ name: 'Rejection', code: 'decoder_crashed' });
      expect((lost as Rejection).cause).toMatchObject({
        name: 'SandboxLost',
        lost: expect.stringMatching(/time|crash/),
      });
      expect(next.original.width).toBe(1);
    },
  );

  it('a sandbox that does not finish its response: killed at its time limit', async () => {
    const { decode } = useFake({ decodeTimeoutMs: 500 });
    expect(await failure(decode(order('half and wait')))).toMatchObject({
      code: 'decoder_crashed',
      detail: 'The image took too long to decode.',
    });
  });

  it('a sandbox that exits before it has read an image: decoder_crashed, and nothing else breaks', async () => {
    const { root, decode } = useFake();
    await decode(order('healthy'));
    writeFileSync(join(root, 'deaf'), '');
    await failure(decode(order('die')));
    const error = await failure(decode(Buffer.alloc(20_000_000)));
    expect(error).toMatchObject({ name: 'Rejection', code: 'decoder_crashed' });
    rmSync(join(root, 'deaf'));
    await decode(order('healthy'));
  });

  it('a sandbox that responds and exits: its response counts', async () => {
    const { decode } = useFake();
    const { variants } = await decode(order('last words'));
    expect(variants[0]?.bytes.equals(Buffer.alloc(2_000_000, 7))).toBe(true);
  });

  it('a sandbox that has processed its share of images is replaced', async () => {
    const { lane, decode } = useFake({ recycleAfter: 2 });
    const pids: (number | undefined)[] = [];
    for (let count = 0; count < 5; count++) {
      await decode(order('healthy'));
      pids.push(lane.pid);
    }
    expect(pids[0]).toBe(pids[1]);
    expect(pids[2]).toBe(pids[3]);
    expect(new Set(pids).size).toBe(3);
    await vi.waitUntil(() => !isAlive(pids[0]), { timeout: patience(10_000) });
  });

  it('a sandbox for one tenant: an image of another tenant gets a new one', async () => {
    const { lane } = useFake({ perTenant: true });
    const pids: (number | undefined)[] = [];
    for (const tenant of ['a', 'a', 'b', 'a']) {
      const work = { bytes: order('healthy'), presetNames: [], tenant, year: 2026 };
      await lane.decode(work, { timeoutMs: patience(30_000) });
      pids.push(lane.pid);
    }
    expect(pids[0]).toBe(pids[1]);
    expect(new Set(pids).size).toBe(3);
  });

  it('a sandbox that is closed while it works: decoder_lost, also for waiting images', async () => {
    const { lane, decode } = useFake();
    await decode(order('healthy'));
    const waiting = [decode(order('hang')), decode(order('healthy'))].map(failure);
    const { pid } = lane;
    lane.close();
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ code: 'decoder_lost' });
    await vi.waitUntil(() => !isAlive(pid), { timeout: patience(10_000) });
  });
});
