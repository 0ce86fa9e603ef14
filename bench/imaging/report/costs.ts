import { aligned, median, round } from '../../table.ts';
import { cpuOf, cpuRatio, type Runs } from '../measures/rounds.ts';
import type { Run } from '../ways/worker.ts';

/** The cost of one way: CPU of the cheaper half of its runs, and its ratio to the reference; the median of wall clock. */
export interface Cost {
  name: string;
  label: string;
  runs: number;
  cpuMs: number;
  wallMs: number;
  peakRssMb: number;
  bytes: number;
  ratio: number;
}

/** The costs of all ways that ran. */
export function costsOf(runs: Runs, labels: Record<string, string>, reference: string): Cost[] {
  return [...runs].flatMap(([name, all]) => {
    const own = all.filter((run): run is Run => run !== undefined);
    const [first] = own;
    if (first === undefined) return [];
    return {
      name,
      label: labels[name] ?? name,
      runs: own.length,
      cpuMs: round(cpuOf(own) ?? Number.NaN, 1),
      wallMs: median(own.map(({ wallMs }) => wallMs)),
      peakRssMb: Math.round(Math.max(...own.map(({ peakRssMb }) => peakRssMb))),
      bytes: Object.values(first.bytes).reduce((a, b) => a + b, 0),
      ratio: round(cpuRatio(runs, name, reference) ?? Number.NaN, 3),
    };
  });
}

export function costTable(costs: readonly Cost[], reference: string): string {
  return aligned([
    ['way', 'runs', 'CPU ms', `of ${reference}`, 'wall ms', 'peak RSS MB', 'variants kB'],
    ...costs.map(({ label, runs, cpuMs, ratio, wallMs, peakRssMb, bytes }) =>
      [label, runs, cpuMs, ratio.toFixed(2), wallMs, peakRssMb, Math.round(bytes / 1000)].map(String),
    ),
  ]).join('\n');
}
