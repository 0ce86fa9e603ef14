import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { codecEnvironment } from '../../../../lambda/imaging/sandbox/environment.ts';
import { draw } from '../fixtures.ts';
import { bytesOf, made } from '../in-process.ts';
import { useLane, variantOf } from '../sandbox-folder.ts';
import { asVariant } from './avif-ways.ts';
import { cutOut, texture } from './cut-out.ts';
import { threadsOf } from './threads.ts';

/*
 * libaom's bytes depend on its number of threads: 2 and 4 gave other files than 1, of up to 1 % more bytes. libvips tells
 * it how many (`vips_concurrency_get`, in foreign/heifsave.c), which codecs.ts sets to one; so there are none but the
 * thread that encodes, and a machine of more cores writes the same bytes.
 */
const size = [360, 240] as const;
const rasters = [texture(...size), cutOut(...size)];
const sumOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const isEncoder = (thread: string) => thread.startsWith('aom');

async function inProcess(environment: NodeJS.ProcessEnv, ...args: number[]) {
  const script = join(import.meta.dirname, 'avif-process.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args.map(String)], {
    env: environment,
  });
  return JSON.parse(stdout) as { sums: string[]; threads: string[] };
}

describe('the bytes of an AVIF', () => {
  it('are the same again, alone and beside other encodes', async () => {
    const first = await Promise.all(rasters.map((raster) => asVariant(raster)));
    const crowd = [0, 1, 2].flatMap(() => rasters.map((raster) => asVariant(raster)));
    const others = [30, 80].flatMap((avif) =>
      rasters.map((raster) => asVariant(raster, { quality: { avif } })),
    );
    const again = await Promise.all(crowd);
    for (const [index, bytes] of again.entries()) expect(bytes.equals(first[index % 2] as Buffer)).toBe(true);
    expect(new Set([...first, ...(await Promise.all(others))].map(sumOf)).size).toBe(6);
  });

  it('are the same in another process that is told to use four threads, and uses one', async () => {
    const sums = await Promise.all(rasters.map(async (raster) => sumOf(await asVariant(raster))));
    const other = await inProcess({ ...codecEnvironment, VIPS_CONCURRENCY: '4' }, ...size);
    expect(other.sums).toEqual(sums);
    expect(other.threads.filter(isEncoder)).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('would be of threads that are seen', async () => {
    const { threads } = await inProcess(codecEnvironment, ...size, 4);
    expect(threads.filter(isEncoder)).not.toEqual([]);
  });

  it('are the same in the sandbox, which has no thread of the encoder', async () => {
    const config = { presets: { a: { width: 1200, height: 1200, formats: ['avif' as const], quality: {} } } };
    const png = await draw(cutOut(1200, 800)).png().toBuffer();
    const { lane, decode } = useLane(config);
    const decoding = decode(png);
    let isOver = false;
    const names = new Set<string>();
    const over = decoding.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      for (const name of threadsOf(lane.pid as number)) names.add(name);
      await pause(2);
    }
    const { bytes } = variantOf(await over, 'a.avif');
    expect(bytes.equals(bytesOf(await made(png, config.presets), 'a.avif'))).toBe(true);
    expect([...names].filter(isEncoder)).toEqual([]);
    if (process.platform === 'linux') expect([...names]).toContain('libvips worker');
  });
});
