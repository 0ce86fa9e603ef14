import { aligned } from '../table.ts';
import { executionsMeant } from './plain/settings.ts';
import type { DesignRun, PromiseRow, SpikeResult } from './result.ts';
import { openConnections } from './sampled.ts';

/** The tables at the end of a run. */
export function report({ quick, plain, sluice, cpu, promises }: SpikeResult): string[] {
  return [
    ...designTable([plain, sluice].filter((run) => run !== undefined)),
    ...(plain?.clientsAtOnce === undefined ? [] : ['', clientsLine(plain, plain.clientsAtOnce, quick)]),
    ...(sluice === undefined ? [] : ['', ...sluiceLines(sluice)]),
    ...(cpu === undefined
      ? []
      : [
          '',
          `CPU of one ${cpu.image}: ${Object.entries(cpu.msPerImage)
            .map(([part, ms]) => `${part} ${ms.toFixed(1)}`)
            .join(', ')} ms; ${cpu.imagesPerSecond.toFixed(1)} images a second.`,
        ]),
    '',
    ...promiseTable(promises),
  ];
}

export function promiseTable(rows: readonly PromiseRow[]): string[] {
  const verdict = ({ kept, judged }: PromiseRow) =>
    judged ? (kept ? 'kept' : 'BROKEN') : kept ? 'seen, not judged' : 'not kept, not judged';
  const table = aligned([
    ['promise', 'must', 'seen', 'verdict'],
    ...rows.map((row) => [row.promise, row.must, row.seen, verdict(row)]),
  ]);
  return table;
}

function designTable(runs: readonly DesignRun[]): string[] {
  if (runs.length === 0) return [];
  const peak = (run: DesignRun, of: (sample: DesignRun['samples'][number]) => number) =>
    Math.max(0, ...run.samples.map(of));
  const rows: [string, (run: DesignRun) => number | string][] = [
    ['seconds', ({ seconds }) => seconds.toFixed(0)],
    ['requests a second in the flood', ({ config }) => config.floodReached.toFixed(0)],
    ['images accepted', ({ outcome }) => outcome.images],
    ['ready', ({ outcome }) => outcome.ready],
    ['rejected', ({ outcome }) => outcome.rejected],
    ['failed', ({ outcome }) => outcome.failed],
    ['lost', ({ outcome }) => outcome.lost],
    ['late', ({ outcome }) => outcome.late],
    ['doubled effects', ({ outcome }) => outcome.doubled],
    ['dead-lettered without a try', ({ outcome }) => outcome.untriedDead],
    ['receives after the first', ({ outcome }) => outcome.receivesBurned],
    ['connections refused', ({ outcome }) => outcome.refusedConnections],
    ['executions at most', (run) => peak(run, ({ executions }) => executions)],
    ['connections at most', (run) => peak(run, (sample) => openConnections(sample) ?? 0)],
    ['samples not read while Postgres was up', ({ sampled }) => sampled.unread],
    ['age of the oldest, s', (run) => peak(run, ({ oldestSeconds }) => oldestSeconds).toFixed(0)],
  ];
  return aligned([
    ['', ...runs.map(({ design }) => design)],
    ...rows.map(([name, of]) => [name, ...runs.map((run) => String(of(run)))]),
  ]);
}

function clientsLine({ config }: DesignRun, clients: number, quick: boolean): string {
  const short =
    quick || clients >= executionsMeant ? '' : `, fewer than the ${executionsMeant} that the run is to have`;
  return `Plain: at most ${clients} executions at once held one of ${config.budget} connections or asked for one${short}.`;
}

function sluiceLines({ config, told, recovery, api }: DesignRun): string[] {
  const lines = [
    `An image took ${config.cpuMsPerImage?.toFixed(0)} ms of CPU; the storage took its variants in ${config.waitMs} ms; the drain was ` +
      `${config.drainPerSecond.toFixed(1)} images a second.`,
    `API, ms: idle p50 ${api.quiet?.p50} p99 ${api.quiet?.p99}; shedding p50 ${api.shed?.p50} p99 ${api.shed?.p99}.`,
  ];
  if (told !== undefined) {
    const codes = Object.entries(told.codes).map(([code, count]) => `${code} ${count}`);
    lines.push(
      `Refused: ${codes.join(', ')}; told p50 ${told.seconds.p50} s, at most ${told.seconds.max} s.`,
      `Who returned after a second whatever it was told: ${told.disobedient.admitted} images by ${told.disobedient.requests} requests.`,
    );
  }
  for (const { name, downAt, upAt, drainBefore, firstSuccess, fullSpeed } of recovery)
    lines.push(
      `${name} away for ${(upAt - downAt).toFixed(1)} s: ${drainBefore.toFixed(1)} images a second before, first success ` +
        `${firstSuccess?.toFixed(1)} s and full speed ${fullSpeed?.toFixed(1)} s after.`,
    );
  return lines;
}
