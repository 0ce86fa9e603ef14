import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import pLimit from 'p-limit';
import { openHttp } from './http.ts';
import type { Picture } from './pictures.ts';
import type { Sampler } from './sampler.ts';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

export interface Calibration {
  /** CPU of one image: its request, its work and its storage. */
  cpuMsPerImage: number;
  /** Images a second that take the scenario's part of the machine. */
  drainPerSecond: number;
  /** Mean wait of a worker's read that brings the drain there. */
  waitMs: number;
}

/** A batch of four with three in flight takes this many times the mean wait, whose times differ by up to seven. */
const waitsInBatch = 1.7;
/** What a batch takes beside its waits, in seconds: its claim, decodes and writes beside those of others. */
const batchWorkSeconds = 0.5;
const warmUps = 16;

/**
 * Measures the CPU of one image without any wait, after environments and decoders have started. Eight decoders do not fit on
 * two cores: so that the full drain leaves room for what is refused, workers wait for their storage as long as a
 * decode on Lambda would take.
 */
export async function calibrate(
  { pipeline, keys, config }: Stage,
  sampler: Sampler,
  scenario: Scenario,
  sound: readonly Picture[],
): Promise<Calibration> {
  const key = keys.t1 ?? '';
  await makeImages(pipeline.url, key, sampler, sound, warmUps);
  const before = total(pipeline.cpu());
  await makeImages(pipeline.url, key, sampler, sound, scenario.calibration);
  const cpuMsPerImage = ((total(pipeline.cpu()) - before) * 1000) / scenario.calibration;
  const drainPerSecond = (scenario.drainLoad * availableParallelism() * 1000) / cpuMsPerImage;
  const batchSeconds = (scenario.cap * config.process.batchSize) / drainPerSecond;
  const waitMs = Math.max(0, (1000 * (batchSeconds - batchWorkSeconds)) / waitsInBatch);
  return { cpuMsPerImage, drainPerSecond, waitMs };
}

async function makeImages(
  url: string,
  key: string,
  sampler: Sampler,
  sound: readonly Picture[],
  count: number,
) {
  const http = openHttp();
  const already = sampler.last?.ended ?? 0;
  const files = sound.map(({ path }) => readFileSync(path));
  const numbers = Array.from({ length: count }, (_, number) => number);
  await pLimit(4).map(numbers, async (number) => {
    const { status, text } = await http.post(
      `${url}/v1/images`,
      { authorization: `Bearer ${key}`, 'content-type': 'image/jpeg' },
      files[number % files.length] as Buffer,
    );
    if (status !== 202) throw new Error(`An image of the calibration was answered with ${status}: ${text}`);
  });
  http.close();
  const until = performance.now() + 60_000;
  while ((sampler.last?.ended ?? 0) < already + count) {
    if (performance.now() > until)
      throw new Error('The images of the calibration did not end within a minute.');
    await pause(50);
  }
}

function total(cpu: Record<string, number>): number {
  return Object.values(cpu).reduce((sum, seconds) => sum + seconds, 0);
}
