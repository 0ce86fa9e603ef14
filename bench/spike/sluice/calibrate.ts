import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import pLimit from 'p-limit';
import { imageSecondsOnLambda } from '../../../lib/rules/measured.ts';
import { openHttp } from './http.ts';
import type { Picture } from './pictures.ts';
import type { Sampler } from './sampler.ts';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

export interface Calibration {
  /** CPU of one image: its request, its work and its storage. */
  cpuMsPerImage: number;
  /** Images a second with these waits. */
  drainPerSecond: number;
  /** Mean time for which the storage takes the variants of an image. */
  waitMs: number;
}

/** A batch of four with three in flight takes this many times the mean wait, as the times of images differ. */
export const waitsInBatch = 1.7;
/** What a batch takes beside its waits, in seconds: its claim, decodes and reads beside those of others. */
const batchWorkSeconds = 0.6;
const warmUps = 16;

/** Where the drain is not what admission assumes before it has measured, so many times the warm-up until it knows. */
const learning = 1.5;

/**
 * Sets the waits so that the full drain is what admission assumes before it has measured, and works at that rate for a time.
 * If the CPU of one image turns out to be too much for that, the waits are longer and admission gets time to learn it.
 */
export async function calibrate(
  { pipeline, keys, config, storage }: Stage,
  sampler: Sampler,
  scenario: Scenario,
  sound: readonly Picture[],
): Promise<Calibration> {
  const send = makeImages(pipeline.url, Object.values(keys), sampler, sound);
  const assumed = scenario.cap / imageSecondsOnLambda;
  const waitFor = (perSecond: number) =>
    Math.max(
      0,
      (1000 * ((scenario.cap * config.process.batchSize) / perSecond - batchWorkSeconds)) / waitsInBatch,
    );
  storage.meanWaitMs = waitFor(assumed);
  await send(warmUps);
  const before = total(pipeline.cpu());
  let drainPerSecond = await send(Math.ceil(assumed * scenario.warmUpSeconds));
  const cpuMsPerImage =
    ((total(pipeline.cpu()) - before) * 1000) / Math.ceil(assumed * scenario.warmUpSeconds);
  const affordable = (scenario.drainLoad * availableParallelism() * 1000) / cpuMsPerImage;
  if (affordable < assumed) {
    storage.meanWaitMs = waitFor(affordable);
    drainPerSecond = await send(Math.ceil(affordable * learning * scenario.warmUpSeconds));
  }
  return { cpuMsPerImage, drainPerSecond, waitMs: storage.meanWaitMs };
}

/** @returns sends so many images, and resolves with the rate at which the middle of them ended */
function makeImages(url: string, keys: readonly string[], sampler: Sampler, sound: readonly Picture[]) {
  const files = sound.map(({ path }) => readFileSync(path));
  return async (count: number): Promise<number> => {
    const http = openHttp();
    const already = sampler.last?.ended ?? 0;
    const numbers = Array.from({ length: count }, (_, number) => number);
    await pLimit(4).map(numbers, async (number) => {
      const { status, text } = await http.post(
        `${url}/v1/images`,
        { authorization: `Bearer ${keys[number % keys.length]}`, 'content-type': 'image/jpeg' },
        files[number % files.length] as Buffer,
      );
      if (status !== 202) throw new Error(`An image of the calibration got ${status}: ${text}`);
    });
    http.close();
    const until = performance.now() + 90_000;
    while ((sampler.last?.ended ?? 0) < already + count) {
      if (performance.now() > until) throw new Error('The images of the calibration did not end in time.');
      await pause(50);
    }
    const at = (part: number) =>
      sampler.samples.find(({ ended }) => ended >= already + part * count)?.at ?? Number.NaN;
    return (0.7 * count) / Math.max(0.05, at(0.9) - at(0.2));
  };
}

function total(cpu: Record<string, number>): number {
  return Object.values(cpu).reduce((sum, seconds) => sum + seconds, 0);
}
