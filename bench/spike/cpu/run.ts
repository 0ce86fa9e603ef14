import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import { type RunningPipeline, startPipeline } from '../../../local/pipeline.ts';
import { cpuTime } from '../../../local/processes/cpu.ts';
import { config as shipped } from '../../../sluice.config.ts';
import type { CpuByPart, RunOptions } from '../result.ts';
import { soundPictures } from '../sluice/pictures.ts';
import type { Sending } from './client-process.ts';
import { byPart, type CpuSeconds } from './parts.ts';

/** Environments and decoders start before anything is counted. */
const warmUps = 32;
const atOnce = 4;
/** A count takes 0.5 ms of Postgres. */
const pollMs = 250;

/**
 * The CPU of one 640 × 480 JPEG by part: sent as a body, made with the presets that are shipped, as fast as this machine can. Storage
 * waits for nothing.
 */
export async function measureCpu({ quick, say, signal }: RunOptions): Promise<CpuByPart> {
  // A last batch of ten that one worker makes while the other has ended is 3 % of 300, 1.5 % of 600.
  const images = quick ? 60 : 600;
  const pictures = await soundPictures();
  const home = mkdtempSync(join(tmpdir(), 'sluice-cpu-'));
  // One more than processors, so that one computes while another waits for the database. With eight on two, batches are
  // small, and each has a connection of its own.
  const config = resolveConfig({
    ...shipped,
    admission: { maxBacklogAge: 1_200 },
    process: { maxConcurrency: availableParallelism() + 1 },
  });
  let pipeline: RunningPipeline | undefined;
  const client = fork(join(import.meta.dirname, 'client-process.ts'), { stdio: ['ignore', 2, 2, 'ipc'] });
  try {
    pipeline = await startPipeline({ config, home, port: 0, onProgress: () => undefined, signal });
    const admin = new pg.Client(pipeline.database);
    await admin.connect();
    const ended = async () => {
      const { rows } = await admin.query<{ count: number }>(
        "select count(*)::int as count from image where status in ('ready', 'rejected', 'failed')",
      );
      return rows[0]?.count ?? 0;
    };
    const { url, apiKey: key } = pipeline;
    const make = async (count: number) => {
      const already = await ended();
      const paths = pictures.map(({ path }) => path);
      client.send({ url, key, paths, count, atOnce } satisfies Sending);
      const sent = once(client, 'message', { signal });
      while ((await ended()) < already + count) await pause(pollMs, undefined, { signal });
      await sent;
    };
    const cpu = (): CpuSeconds => ({
      ...(pipeline?.cpu() ?? {}),
      client: cpuTime(client.pid ?? 0).own,
    });
    await make(warmUps);
    const before = cpu();
    const begun = performance.now();
    await make(images);
    const seconds = (performance.now() - begun) / 1000;
    const msPerImage = byPart(before, cpu(), images);
    const { rows } = await admin.query<{ status: string }>(
      "select status from image where status <> 'ready'",
    );
    await admin.end();
    if (rows.length > 0) throw new Error(`${rows.length} images were not ready but ${rows[0]?.status}.`);
    const imagesPerSecond = Math.round((images / seconds) * 10) / 10;
    say(`cpu: ${imagesPerSecond} images a second, in ms an image: ${JSON.stringify(msPerImage)}`);
    return { image: '640 × 480 JPEG as a body', images, imagesPerSecond, msPerImage };
  } finally {
    client.kill();
    await pipeline?.stop();
    rmSync(home, { recursive: true, force: true });
  }
}
