import type { Machine } from '../imaging/report/machine.ts';
import { aligned, round } from '../table.ts';
import type { Way } from './measure.ts';
import { type WayName, wayNames } from './ways.ts';

export type Kind = 'small' | 'photographs';

export interface Seen extends Way {
  round: number;
  kind: Kind;
  way: WayName;
}

export interface Kept {
  promise: string;
  must: string;
  seen: string;
  kept: boolean;
}

export interface Result {
  rounds: number;
  /** Images of a round. */
  counts: Record<Kind, number>;
  storageMs: number;
  seen: Seen[];
  promises: Kept[];
  machine: Machine;
}

/** Medians over the rounds. */
interface Shape {
  perSecond: number;
  p50: number;
  p99: number;
  max: number;
  peakMb: number;
  cpuMs: number;
}

function shapeOf(seen: readonly Seen[], kind: Kind, way: WayName): Shape {
  const all = seen.filter((one) => one.kind === kind && one.way === way);
  const middle = (of: (one: Seen) => number) =>
    all.map(of).toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
  return {
    perSecond: middle(({ images, ms }) => (1_000 * images) / ms),
    p50: middle(({ health }) => health.p50),
    p99: middle(({ health }) => health.p99),
    max: middle(({ health }) => health.max),
    peakMb: middle(({ peakMb }) => peakMb),
    cpuMs: middle(({ images, cpuMs }) => cpuMs / images),
  };
}

/** All against the way in whose place ours stands, in the same run. */
export function judge(seen: readonly Seen[]): Kept[] {
  const of = (kind: Kind, way: WayName) => shapeOf(seen, kind, way);
  const ratio = (kind: Kind, way: WayName, field: keyof Shape) =>
    of(kind, 'ours')[field] / of(kind, way)[field];
  const least = (promise: string, must: number, value: number): Kept => ({
    ...{ promise, must: `≥ ${must}`, seen: value.toFixed(2), kept: value >= must },
  });
  const most = (promise: string, must: number, value: number): Kept => ({
    ...{ promise, must: `≤ ${must}`, seen: value.toFixed(2), kept: value <= must },
  });
  return [
    least('small images a second, of one after the other', 1.5, ratio('small', 'sequential', 'perSecond')),
    least('photographs a second, of one after the other', 1, ratio('photographs', 'sequential', 'perSecond')),
    least('small images a second, of all at once', 0.8, ratio('small', 'allAtOnce', 'perSecond')),
    least('photographs a second, of all at once', 0.9, ratio('photographs', 'allAtOnce', 'perSecond')),
    most(
      'p99 of a health check with photographs, of all at once',
      0.5,
      ratio('photographs', 'allAtOnce', 'p99'),
    ),
    most('peak memory with photographs, of all at once', 0.8, ratio('photographs', 'allAtOnce', 'peakMb')),
  ];
}

const labels: Record<WayName, string> = {
  sequential: 'one after the other, in one process',
  sequentialLane: 'one after the other, beside a codec lane',
  allAtOnce: 'all at once, in one process',
  ours: 'ours: bounded I/O beside a codec lane',
};
const kinds: Record<Kind, string> = { small: '640 × 480', photographs: '12 megapixels' };

/** The result as tables for the terminal and for Markdown. */
export function resultTable({ seen, promises }: Result): string {
  const rows = (Object.keys(kinds) as Kind[]).flatMap((kind) =>
    wayNames.map((way) => {
      const { perSecond, p50, p99, max, peakMb, cpuMs } = shapeOf(seen, kind, way);
      const times = [p50, p99, max].map((ms) => round(ms, 1).toFixed(1));
      return [
        `${kinds[kind]}, ${labels[way]}`,
        perSecond.toFixed(2),
        ...times,
        peakMb.toFixed(0),
        cpuMs.toFixed(0),
      ];
    }),
  );
  return [
    ...aligned([
      ['worker', 'images a second', 'health p50 ms', 'p99 ms', 'longest', 'peak MB', 'CPU ms an image'],
      ...rows,
    ]),
    '',
    ...aligned([
      ['promise, as a ratio', 'must', 'seen', ''],
      ...promises.map(({ promise, must, seen, kept }) => [promise, must, seen, kept ? 'kept' : 'NOT KEPT']),
    ]),
  ].join('\n');
}

/** The page result.md. */
export function resultPage(result: Result): string {
  const { rounds, counts, storageMs, machine } = result;
  return `# What the worker's shape is worth

The same jobs in workers of four shapes: each fetches an original from S3, renders the six variants out of the box, and stores them. Jobs, imaging, S3's client and the sandbox are the worker's own, and batches have ten images. In turns, ${rounds} rounds of ${counts.photographs} photographs and ${counts.small} small images, each in a new process, medians. A worker and its sandbox share one processor, as they do on Lambda with 1,769 MB; S3 is in another process, ${storageMs} ms away. A health check is sent every 5 ms from a third process to a responder in the worker's.

${resultTable(result)}

- One after the other leaves the processor idle while S3 answers, which is most of the time of a small image and a tenth of that of a photograph.
- All at once in one process keeps it as busy as ours, and holds everything at the same time: ten originals, their pixels and their variants. Its health checks wait for steps in JavaScript (watermarks, hashes) of ten images, and a codec that hangs or crashes takes all ten with it. Nothing in it can be killed alone.
- Ours has three images in progress and decodes one at a time in the sandbox, so that fetches and puts fill the waits. Sending images to another process and back costs a few milliseconds of CPU. With one processor for both, a health check waits for a time slice of the decoder at most.

Measured on ${machine.processor}, Node ${machine.node}, sharp ${machine.sharp}. To repeat: \`npm run bench -- lanes\`; faster, without recording: \`npm run bench -- lanes --quick\`.
`;
}
