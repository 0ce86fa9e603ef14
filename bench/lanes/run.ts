import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { buildFunctions } from '../../lib/bundling/build.ts';
import { hostTarget } from '../../lib/bundling/target.ts';
import { resolveConfig } from '../../lib/config/resolve.ts';
import { config } from '../../sluice.config.ts';
import { openDistance } from '../distance/distance.ts';
import { photographs } from '../imaging/photographs/photographs.ts';
import { machine } from '../imaging/report/machine.ts';
import { measureWay } from './measure.ts';
import { judge, type Kind, type Result, resultPage, resultTable, type Seen } from './result.ts';
import { wayNames } from './ways.ts';

/** What S3 takes for a small object in the same region. */
const storageMs = 30;
const projectRoot = join(import.meta.dirname, '../..');
const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };

/**
 * Measures workers of several shapes on the same images, in turns, each in a new process on a processor of its own.
 * `--quick` does less and records nothing.
 * @returns whether the promises hold
 */
export async function run(args: string[], say: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({ args, options: { quick: { type: 'boolean' } } });
  const rounds = values.quick ? 1 : 3;
  const counts: Record<Kind, number> = values.quick
    ? { small: 30, photographs: 10 }
    : { small: 60, photographs: 10 };
  const folder = mkdtempSync(join(tmpdir(), 'sluice-lanes-'));
  mkdirSync(join(folder, 'spool'));
  const storage = fork(join(import.meta.dirname, '../sweep/storage-process.ts'), [folder]);
  const [endpoint] = (await once(storage, 'message')) as [string];
  const distance = await openDistance(Number(new URL(endpoint).port), storageMs);
  try {
    const root = buildFunctions({
      config: resolveConfig(config),
      projectRoot,
      outDir: join(folder, 'functions'),
      target: hostTarget(),
    }).process.folder;
    const originals = await upload(endpoint, say);
    const worker = { root, endpoint: `http://127.0.0.1:${distance.port}`, ...credentials };
    const seen: Seen[] = [];
    for (let round = 0; round < rounds; round++)
      for (const kind of ['small', 'photographs'] as const)
        for (const way of wayNames) {
          const one = await measureWay({ ...worker, way, originals: originals[kind] }, counts[kind]);
          seen.push({ round, kind, way, ...one });
          say(
            `Round ${round + 1} of ${rounds}, ${kind}, ${way}: ${Math.round(one.ms / one.images)} ms an image`,
          );
        }
    const result: Result = { rounds, counts, storageMs, seen, promises: judge(seen), machine: machine() };
    say(resultTable(result));
    if (!values.quick) {
      writeFileSync(join(import.meta.dirname, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
      writeFileSync(join(import.meta.dirname, 'result.md'), resultPage(result));
    }
    return result.promises.every(({ kept }) => kept);
  } finally {
    distance.close();
    storage.disconnect();
    await once(storage, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The photographs as they are, and made small. @returns their keys */
async function upload(endpoint: string, say: (line: string) => void): Promise<Record<Kind, string[]>> {
  const client = new S3Client({ endpoint, region: 'eu-central-1', credentials, forcePathStyle: true });
  const keys: Record<Kind, string[]> = { small: [], photographs: [] };
  for (const { name, path } of await photographs(['jpeg-12', 'orientation-6', 'display-p3'], say)) {
    const bytes = readFileSync(path);
    const small = await sharp(bytes).autoOrient().resize(640, 480).jpeg({ quality: 85 }).toBuffer();
    for (const [kind, Body] of Object.entries({ small, photographs: bytes }) as [Kind, Buffer][]) {
      const Key = `incoming/bench/${kind}-${name}`;
      await client.send(new PutObjectCommand({ Bucket: 'pictures', Key, Body }));
      keys[kind].push(Key);
    }
  }
  client.destroy();
  return keys;
}
