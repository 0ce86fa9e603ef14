import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { aligned, median } from '../table.ts';
import { openScene, type Scene } from './scene.ts';
import { noteEvent, percentile, type Seen, untilSeen, uploadEach } from './visible.ts';

/** The promises: p95 from an event's time to its reader; p95 of the others with one dead endpoint, of that without. */
const mostMs = 1_000;
const within = 0.2;
const endpoints = 100;

/**
 * How soon events are visible to a receiver of webhooks and to a consumer of Kafka, and what a dead endpoint among 100 does
 * to the others. `--quick` has fewer images; `--write` records the result.
 * @returns whether the promises hold
 */
export async function run(args: string[], say: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({ args, options: { quick: { type: 'boolean' }, write: { type: 'boolean' } } });
  const [images, rounds, each] = values.quick ? [20, 2, 4] : [60, 3, 10];
  const scene = await openScene(say);
  try {
    const quiet = await visible(scene, images);
    const dead = await beside(scene, { rounds, each }, say);
    const rows = (['webhook', 'kafka'] as const).map((reader) => {
      const own = quiet.filter((one) => one.reader === reader);
      return [reader, String(own.length), ...[0.5, 0.95, 0.99].map((part) => String(percentile(own, part)))];
    });
    const lines = [
      ...aligned([['reader', 'events', 'p50 ms', 'p95 ms', 'p99 ms'], ...rows]),
      '',
      ...aligned([
        ['99 endpoints', 'p95 ms, median of rounds'],
        ['all 100 well', String(dead.well)],
        ['the 100th dead', String(dead.ill)],
      ]),
    ];
    say(lines.join('\n'));
    const change = dead.ill / dead.well - 1;
    const verdict = `With a dead endpoint the others' p95 changes by ${(100 * change).toFixed(0)} %; must be within ${100 * within} %. An event is to be visible within ${mostMs} ms (p95).`;
    say(verdict);
    if (values.write)
      writeFileSync(
        join(import.meta.dirname, 'result.md'),
        page([...lines, '', verdict], { images, rounds, each }),
      );
    return rows.every((row) => Number(row[3]) <= mostMs) && Math.abs(change) <= within;
  } finally {
    await scene.close();
  }
}

async function makeWebhook(
  { pipeline, receiver }: Scene,
  path: string,
  types: readonly string[],
): Promise<void> {
  const response = await fetch(`${pipeline.url}/v1/webhooks`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${pipeline.apiKey}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ url: receiver.origin + path, types }),
  });
  if (response.status !== 201) throw new Error(`a webhook was answered with ${response.status}`);
}

/** One endpoint and one consumer, and an image every half second. Two events of each image. */
async function visible(scene: Scene, images: number): Promise<Seen[]> {
  const seen: Seen[] = [];
  const { pipeline, receiver } = scene;
  await makeWebhook(scene, '/0', ['image.admitted', 'image.ready']);
  receiver.answer = ({ body, at }, response) => {
    noteEvent(seen, 'webhook', body, at);
    response.writeHead(204).end();
  };
  await scene.readTopic((text) => noteEvent(seen, 'kafka', text, Date.now()));
  // The first events start the functions.
  await uploadEach(pipeline, 3, 500);
  await untilSeen(() => seen.length, 12, 60);
  seen.length = 0;
  await uploadEach(pipeline, images, 500);
  await untilSeen(() => new Set(seen.map(({ reader, event }) => reader + event)).size, 4 * images, 120);
  // Without what the topic brings later.
  return [...seen];
}

/** 100 endpoints, in turns all well and one that never answers. */
async function beside(
  scene: Scene,
  { rounds, each }: { rounds: number; each: number },
  say: (line: string) => void,
): Promise<{ well: number; ill: number }> {
  const { pipeline, receiver } = scene;
  for (let n = 1; n < endpoints; n += 1) await makeWebhook(scene, `/${n}`, ['image.ready']);
  const admin = new pg.Client(pipeline.database);
  await admin.connect();
  let seen: Seen[] = [];
  let isDead = false;
  receiver.answer = ({ path, body, at }, response) => {
    if (path === '/0') {
      if (!isDead) response.writeHead(204).end();
      return;
    }
    noteEvent(seen, path, body, at);
    response.writeHead(204).end();
  };
  const round = async (): Promise<number> => {
    seen = [];
    await uploadEach(pipeline, each, 4_000);
    await untilSeen(
      () => new Set(seen.map(({ reader, event }) => reader + event)).size,
      each * (endpoints - 1),
      300,
    );
    return percentile(seen, 0.95);
  };
  try {
    await round();
    const taken: Record<'well' | 'ill', number[]> = { well: [], ill: [] };
    for (let n = 0; n < rounds; n += 1)
      for (const kind of ['well', 'ill'] as const) {
        isDead = kind === 'ill';
        taken[kind].push(await round());
        say(
          `Round ${n + 1} of ${rounds}, ${kind}: p50 ${percentile(seen, 0.5)} ms, p95 ${taken[kind].at(-1)} ms`,
        );
        // The next round begins with an endpoint that is well and has nothing to do.
        await admin.query(
          `update webhook_delivery set state = 'delivered' where state in ('pending', 'sent')`,
        );
        await admin.query(
          `update webhook_endpoint set state = 'active', reason = null, failures = 0, held_until = null`,
        );
      }
    return { well: median(taken.well), ill: median(taken.ill) };
  } finally {
    await admin.end();
  }
}

function page(
  lines: string[],
  { images, rounds, each }: { images: number; rounds: number; each: number },
): string {
  return [
    '# How soon events are visible',
    '',
    `The local pipeline with a broker of Kafka, a receiver of webhooks by HTTPS and a consumer, all on ${cpus().length} cores (${cpus()[0]?.model ?? ''}) with a load average of ${loadavg()[0]?.toFixed(0)}, Node ${process.version}. Milliseconds from the time of an event, which is shortly before its commit, to its reader. Above: ${images} images, one every half second, two events each. Below: ${endpoints} endpoints of one tenant, ${rounds} rounds of ${each} images, one every four seconds, with all of them well and with one that never answers, in turns. Each of them gets image.ready.`,
    '',
    ...lines,
    '',
    'To repeat: `npm run bench -- events --write`; faster, without recording: `npm run bench -- events --quick`. It needs Java and Maven.',
    '',
  ].join('\n');
}
