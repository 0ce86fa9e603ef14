import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pageQuery } from '../../lambda/postgres/exports/page.ts';
import { aligned, round } from '../table.ts';
import { fillDatabase, tenant } from './database.ts';
import { type Measured, measure, psql } from './measure.ts';
import { selection, type Way, ways } from './ways.ts';

/*
 * npm run bench -- export [--rows 2000000] [--slow 60] [--rounds 3] [--write]
 *
 * Each way writes the same rows to a socket, in a process of its own, in turn; of several rounds the fastest counts. Then the
 * same with a reader of 200 kB/s for a minute. psql has the same query, written to a pipe.
 */

const mega = 1e6;
const mebi = 1024 * 1024;
const slowRate = 200_000;
const promises = {
  psqlShare: 0.6,
  queryStreamTimes: 3,
  heapMiB: 16,
  rssGrowthMiB: 60,
  slowHeapMiB: 2,
};

export async function run(args: string[], say: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: {
      rows: { type: 'string', default: '2000000' },
      slow: { type: 'string', default: '60' },
      rounds: { type: 'string', default: '3' },
      write: { type: 'boolean', default: false },
    },
  });
  const rows = Number(values.rows);
  const database = await fillDatabase(rows, say);
  try {
    const fast = new Map<Way, Measured>();
    let copied: Awaited<ReturnType<typeof psql>>;
    const query = pageQuery({ tenant, selection }, {});
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const now = await psql(query, database);
      if (now !== undefined && (copied === undefined || now.seconds < copied.seconds)) copied = now;
      for (const way of ways) {
        const measured = await measure(way, database);
        const best = fast.get(way);
        fast.set(
          way,
          best === undefined || measured.seconds < best.seconds ? keepMost(measured, best) : best,
        );
        say(`${way}: ${measured.seconds.toFixed(2)} s`);
      }
    }
    const slow = new Map<Way, Measured>();
    for (const way of ['sluice', 'sluice consistent', 'sluice zstd', 'query-stream', 'naive'] as const)
      slow.set(way, await measure(way, database, { rate: slowRate, seconds: Number(values.slow) }));
    const { lines, kept } = judged({ rows, fast, slow, copied });
    for (const line of lines) say(line);
    if (values.write) writeFileSync(join(import.meta.dirname, 'result.md'), page(rows, lines));
    return kept;
  } finally {
    await database.stop();
  }
}

/** The fastest round, with the most memory of all. */
function keepMost(now: Measured, before: Measured | undefined): Measured {
  if (before === undefined) return now;
  return {
    ...now,
    heapMost: Math.max(now.heapMost, before.heapMost),
    rssMost: Math.max(now.rssMost, before.rssMost),
  };
}

interface Results {
  rows: number;
  fast: Map<Way, Measured>;
  slow: Map<Way, Measured>;
  copied: Awaited<ReturnType<typeof psql>>;
}

function judged({ fast, slow, copied }: Results): { lines: string[]; kept: boolean } {
  const of = (way: Way) => fast.get(way) as Measured;
  const plain = of('sluice').bytes;
  const row = (name: string, one: Pick<Measured, 'seconds' | 'cpuSeconds' | 'bytes'>, memory: string[]) => [
    name,
    one.seconds.toFixed(2),
    // Of text, whatever it is compressed to.
    (plain / mega / one.seconds).toFixed(0),
    (one.bytes / mega).toFixed(0),
    one.cpuSeconds.toFixed(2),
    ...memory,
  ];
  const memoryOf = ({ heapMost, rssMost, rssBefore }: Measured) => [
    (heapMost / mebi).toFixed(0),
    (rssMost / mebi).toFixed(0),
    ((rssMost - rssBefore) / mebi).toFixed(0),
  ];
  const head = ['way', 's', 'MB/s of text', 'MB sent', 'CPU s', 'heap MiB', 'RSS MiB', 'RSS growth MiB'];
  const table = aligned([
    head,
    copied === undefined
      ? ['psql \\copy (no psql on this machine)', ...Array<string>(7).fill('')]
      : row('psql \\copy', copied, ['', (copied.rssMost / mebi).toFixed(0), '']),
    ...ways.map((way) => row(way, of(way), memoryOf(of(way)))),
  ]);
  const slowTable = aligned([
    ['reader of 200 kB/s', 'MB read', 'heap MiB after 5 s', 'at the end', 'between', 'RSS MiB'],
    ...[...slow].map(([way, { bytes, heaps, rssMost }]) => {
      const flat = heaps.slice(4);
      return [
        way,
        (bytes / mega).toFixed(1),
        mebis(flat[0]),
        mebis(flat.at(-1)),
        flat.length === 0 ? '' : `${mebis(Math.min(...flat))}–${mebis(Math.max(...flat))}`,
        (rssMost / mebi).toFixed(0),
      ];
    }),
  ]);
  const sluice = of('sluice');
  const slowHeaps = (slow.get('sluice')?.heaps ?? []).slice(4);
  const spread = (Math.max(...slowHeaps) - Math.min(...slowHeaps)) / 2 / mebi;
  const checks: [string, boolean][] = [
    ...(copied === undefined
      ? []
      : [
          check(
            `speed of psql \\copy × ${round(copied.seconds / sluice.seconds, 2)}`,
            copied.seconds / sluice.seconds >= promises.psqlShare,
            `≥ ${promises.psqlShare}`,
          ),
        ]),
    check(
      `speed of pg-query-stream and csv-stringify × ${round(of('query-stream').seconds / sluice.seconds, 1)}`,
      of('query-stream').seconds / sluice.seconds >= promises.queryStreamTimes,
      `≥ ${promises.queryStreamTimes}`,
    ),
    check(
      `heap ${mebis(sluice.heapMost)} MiB`,
      sluice.heapMost / mebi <= promises.heapMiB,
      `≤ ${promises.heapMiB}`,
    ),
    check(
      `RSS growth ${mebis(sluice.rssMost - sluice.rssBefore)} MiB`,
      (sluice.rssMost - sluice.rssBefore) / mebi <= promises.rssGrowthMiB,
      `≤ ${promises.rssGrowthMiB}`,
    ),
    check(
      `heap with a slow reader flat ± ${round(spread, 2)} MiB`,
      spread <= promises.slowHeapMiB,
      `± ${promises.slowHeapMiB}`,
    ),
  ];
  const lines = ['', ...table, '', ...slowTable, '', ...checks.map(([text]) => `- ${text}`)];
  return { lines, kept: checks.every(([, kept]) => kept) };
}

function check(text: string, kept: boolean, must: string): [string, boolean] {
  return [`${kept ? 'kept' : 'BROKEN'}: ${text} (must be ${must})`, kept];
}

const mebis = (bytes: number | undefined) => (bytes === undefined ? '' : (bytes / mebi).toFixed(1));

function page(rows: number, lines: readonly string[]): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  return `# Export of ${rows.toLocaleString('en')} rows\n\n\`npm run bench -- export --write\` on ${machine}.\n${lines.join('\n')}\n`;
}
