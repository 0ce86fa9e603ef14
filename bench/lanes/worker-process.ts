import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { Context, SQSBatchResponse, SQSRecord } from 'aws-lambda';
import pLimit from 'p-limit';
import { openBucket } from '../../lambda/aws/bucket.ts';
import { silentNudges } from '../../lambda/aws/nudges.ts';
import { incomingKey } from '../../lambda/domain/image.ts';
import { jobBody } from '../../lambda/domain/job.ts';
import type { Settings } from '../../lambda/domain/settings.ts';
import type { RenderedImage } from '../../lambda/imaging/rendered-image.ts';
import { openSandboxLane } from '../../lambda/imaging/sandbox/lane.ts';
import { openBrownOut } from '../../lambda/policy/brown-out.ts';
import type { Claim } from '../../lambda/postgres/images/claim.ts';
import { openDatabasePressure } from '../../lambda/process/database-pressure.ts';
import { openDeadline } from '../../lambda/process/deadline.ts';
import type { BatchContext, Dependencies } from '../../lambda/process/dependencies.ts';
import { createHandler } from '../../lambda/process/handler.ts';
import { workInLanes } from '../../lambda/process/lanes.ts';
import { type Assignment, readRecords } from '../../lambda/process/records.ts';
import { silentMetrics } from '../../lambda/runtime/metrics.ts';
import { cpuMsOf, peakRssMbOf } from '../imaging/ways/proc.ts';
import { claimedImage, openInstantDatabase } from './database.ts';
import type { Done, WayName } from './ways.ts';

/*
 * A worker of one shape, with a responder for health checks. Arguments: the way, the folder of the function `process`,
 * the images in the bucket. Sends its port when it is ready; for each number of images that it is sent, it processes them
 * in batches of ten and sends what that took.
 */
const batchSize = 10;
const remainingMs = 900_000;
const [way, root = '', ...originals] = process.argv.slice(2) as [WayName, string, ...string[]];
const settings = JSON.parse(readFileSync(join(root, 'settings.json'), 'utf8')) as Settings;
const presets = Object.keys(settings.presets);
const silent = () => undefined;
const report = (message: string, fields?: unknown) => process.stderr.write(`${message} ${inspect(fields)}\n`);
const outcomes: string[] = [];

const bucket = openBucket({ bucketName: 'pictures' });
/** Each image of a run is one of a few in the bucket. */
const sources = new Map<string, string>();
const sourceOf = (key: string) => sources.get(key) ?? '';

const inSandbox = way === 'ours' || way === 'sequentialLane';
const sandbox = inSandbox ? openSandboxLane({ entry: join(root, 'sandbox.mjs'), root, settings }) : undefined;

const dependencies: Dependencies = {
  database: openInstantDatabase(presets, (outcome) => outcomes.push(outcome)),
  bucket: {
    findFirstUpload: (key, signal) => bucket.findFirstUpload(sourceOf(key), signal),
    getOriginal: ({ key, version }, maxBytes, signal) =>
      bucket.getOriginal({ key: sourceOf(key), version }, maxBytes, signal),
    putVariant: bucket.putVariant,
  },
  queue: { changeVisibility: async () => undefined },
  nudges: silentNudges,
  deadLetters: { sendLetters: () => Promise.reject(new Error('nothing is dead')) },
  lane: sandbox ?? (await openInProcess()),
  settings,
  log: {
    debug: silent,
    info: silent,
    warn: report,
    error: report,
    remember: silent,
    forget: silent,
  },
  metrics: silentMetrics,
};
const handler = createHandler(dependencies);

/** The same pipeline on this thread and those of libuv, without a limit of its own. */
async function openInProcess(): Promise<Dependencies['lane']> {
  const { renderImage } = await import('../../lambda/imaging/pipeline.ts');
  const { Watermarks } = await import('../../lambda/imaging/watermark/watermark.ts');
  const watermarks = new Watermarks(settings.watermarks, root);
  await watermarks.open();
  return {
    async decode(work): Promise<RenderedImage> {
      const image = await renderImage(work, settings, watermarks);
      const variants = image.variants.map((variant) => ({
        ...variant,
        sha256: createHash('sha256').update(variant.bytes).digest('hex'),
      }));
      return { ...image, variants };
    },
  };
}

/** Ours is the function's own handler; the others have the same job without its lanes and limits. */
async function processBatch(records: SQSRecord[]): Promise<void> {
  const end = performance.now() + remainingMs;
  const remaining = () => end - performance.now();
  if (way === 'ours') {
    const context = { awsRequestId: randomUUID(), getRemainingTimeInMillis: remaining } as Context;
    const { batchItemFailures } = (await handler({ Records: records }, context)) as SQSBatchResponse;
    if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} images stay in the queue`);
    return;
  }
  const deadline = openDeadline(remaining, settings.limits.decodeTimeoutMs);
  const context: BatchContext = {
    ...dependencies,
    pressure: openDatabasePressure(),
    brownOut: openBrownOut(settings.brownOut, () => performance.now()),
    deadline,
    puts: pLimit(Number.POSITIVE_INFINITY),
    errors: [],
  };
  const { assignments } = readRecords(records);
  const claims = assignments.map((assignment, place): [Assignment, Claim] => {
    const begun = way === 'allAtOnce' || place === 0;
    return [assignment, { outcome: 'claimed', ...claimedImage(assignment.imageId, presets, begun) }];
  });
  await workInLanes(new Map(claims), context);
  deadline.close();
}

function recordOf(imageId: string): SQSRecord {
  const attributes = { ApproximateReceiveCount: '1' };
  const body = jobBody({ tenant: 'bench', imageId });
  return { messageId: imageId, receiptHandle: imageId, body, attributes } as SQSRecord;
}

async function work(images: number): Promise<Done> {
  const ids = Array.from({ length: images }, () => randomUUID());
  for (const [place, imageId] of ids.entries())
    sources.set(incomingKey({ tenant: 'bench', imageId }), originals[place % originals.length] ?? '');
  const pids = [process.pid, ...(sandbox?.pid === undefined ? [] : [sandbox.pid])];
  const cpuMs = () => pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0);
  outcomes.length = 0;
  const [began, before] = [performance.now(), cpuMs()];
  for (let done = 0; done < images; done += batchSize)
    await processBatch(ids.slice(done, done + batchSize).map(recordOf));
  const ms = performance.now() - began;
  const ready = outcomes.filter((outcome) => outcome === 'ready').length;
  if (ready !== images) throw new Error(`${ready} of ${images} images are ready`);
  const peakMb = pids.reduce((sum, pid) => sum + peakRssMbOf(pid), 0);
  return { images, ms, cpuMs: cpuMs() - before, peakMb };
}

const health = createServer((_, response) => response.end('ok'));
health.listen(0, '127.0.0.1', () => process.send?.((health.address() as AddressInfo).port));
process.on('message', (images: number) => void work(images).then((done) => process.send?.(done)));
process.once('disconnect', () => {
  sandbox?.close();
  process.exit();
});
