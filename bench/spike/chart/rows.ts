import { compact, grouped } from '../../../lib/chart/formats.ts';
import { limitLine } from '../../../lib/chart/marks.ts';
import { fromZero } from '../../../lib/chart/plot.ts';
import { areaOf, barsOf, lineOf, type Point, stackOf } from '../../../lib/chart/series.ts';
import { words } from '../../../lib/chart/words.ts';
import type { DesignRun, Sample } from '../result.ts';
import { openConnections } from '../sampled.ts';
import { highest, ratesOf } from './rates.ts';
import type { Row } from './row.ts';

/** Bins of about 3 px. */
const binOf = ({ seconds: long }: DesignRun) => Math.max(0.5, Math.round(long / 60) / 2);
const end = (values: Iterable<number>, headroom?: number) => fromZero(values, headroom)[1];
/** NaN if the sample was not read, which leaves a gap. */
const of =
  (role: string) =>
  ({ connections: all }: Sample) =>
    all === undefined ? Number.NaN : (all[role] ?? 0);
const worker = of('process');
const api = of('api');
const connections = (sample: Sample) => openConnections(sample) ?? Number.NaN;

export function connectionRow(runs: readonly DesignRun[]): Row {
  const most = Math.max(...runs.map(({ config }) => config.maxConnections));
  return {
    title: 'Connections to Postgres',
    entries: [
      { label: 'worker', hue: 'blue' },
      { label: 'API', hue: 'teal' },
      { label: 'other', hue: 'grey' },
    ],
    height: 104,
    most: most * 1.15,
    format: compact,
    draw(plot, { samples, config, design }) {
      const layers = [
        { hue: 'blue', values: samples.map(worker) },
        { hue: 'teal', values: samples.map(api) },
        { hue: 'grey', values: samples.map((one) => connections(one) - worker(one) - api(one)) },
      ] as const;
      const times = samples.map(({ at }) => at);
      const limit = limitLine(plot, config.maxConnections, {
        label: `max_connections ${config.maxConnections}`,
      });
      const budget =
        design === 'sluice'
          ? limitLine(plot, config.budget, { label: `budget ${config.budget}`, hue: 'faint' })
          : '';
      return stackOf(plot, times, layers, { step: true }) + budget + limit;
    },
  };
}

export function refusedConnectionRow(runs: readonly DesignRun[]): Row {
  const barsFor = (run: DesignRun) => ratesOf(run.samples, (sample) => sample.refusedConnections, binOf(run));
  return {
    title: 'Connections refused, a second',
    entries: [{ label: '53300, too many clients already', hue: 'red' }],
    height: 46,
    most: end(runs.map((run) => highest(barsFor(run)))),
    ticks: 2,
    format: compact,
    draw(plot, run) {
      const bars = barsOf(plot, barsFor(run), { hue: 'red' });
      return run.outcome.refusedConnections > 0 ? bars : bars + none(plot.box, 'none');
    },
  };
}

export function ageRow(runs: readonly DesignRun[]): Row {
  const longest = Math.max(...runs.flatMap(({ samples }) => samples.map((one) => one.oldestSeconds)));
  const [unit, name] = longest >= 120 ? ([60, 'min'] as const) : ([1, 's'] as const);
  const objectives = runs.map(({ config }) => config.objective ?? 0);
  return {
    title: 'How long the oldest image has waited',
    entries: [],
    height: 76,
    most: end(
      [longest, ...objectives].map((value) => value / unit),
      0.1,
    ),
    format: (value) => `${value} ${name}`,
    draw(plot, { samples, config, design }) {
      const points = samples.map(({ at, oldestSeconds }): Point => [at, oldestSeconds / unit]);
      const hue = design === 'plain' ? 'red' : 'blue';
      const { objective } = config;
      const limit =
        objective === undefined
          ? ''
          : limitLine(plot, objective / unit, {
              label: `objective ${objective} s`,
              hue: 'faint',
              at: 'start',
            });
      return areaOf(plot, points, { hue, opacity: 0.15 }) + lineOf(plot, points, { hue }) + limit;
    },
  };
}

/** Of what was accepted so far; counts would compare the sizes of the runs. */
export function fateRow(): Row {
  return {
    title: 'Accepted images so far',
    entries: [
      { label: 'ready', hue: 'green' },
      { label: 'rejected, with a reason', hue: 'violet' },
      { label: 'dead-lettered', hue: 'red' },
      { label: 'waiting', hue: 'line' },
      { label: 'late', hue: 'amber', line: true },
    ],
    height: 104,
    most: 100,
    ticks: 2,
    format: (value) => `${value} %`,
    draw(plot, { samples: all, outcome }) {
      // Images of the calibration were sent before producers began, and not by them.
      const before = all.findLast(({ admitted }) => admitted === 0);
      const samples = all
        .filter(({ admitted }) => admitted > 0)
        .map((one) => ({
          ...one,
          ready: one.ready - (before?.ready ?? 0),
          ended: one.ended - (before?.ended ?? 0),
        }));
      const percent = (of: (sample: Sample) => number) =>
        samples.map((one) => (100 * of(one)) / one.admitted);
      const dead = ({ dead: messages, ready, admitted }: Sample) => Math.min(messages, admitted - ready);
      const rejected = (one: Sample) =>
        Math.max(0, Math.min(one.ended, one.admitted - dead(one)) - one.ready);
      const waiting = (one: Sample) => Math.max(0, one.admitted - one.ready - rejected(one) - dead(one));
      const layers = [
        { hue: 'green', values: percent(({ ready }) => ready) },
        { hue: 'violet', values: percent(rejected) },
        { hue: 'red', values: percent(dead) },
        { hue: 'line', values: percent(waiting) },
      ] as const;
      const times = samples.map(({ at }) => at);
      const late = percent((one) => one.late ?? Number.NaN).map(
        (value, index): Point => [times[index] ?? 0, value],
      );
      const { left, top, width, height } = plot.box;
      return (
        stackOf(plot, times, layers) +
        lineOf(plot, late, { hue: 'ground', width: 4 }) +
        lineOf(plot, late, { hue: 'amber', width: 2 }) +
        words(`${grouped(outcome.ready)} of ${grouped(outcome.images)} ready`, {
          ...{ x: left + width - 6, y: top + height / 2 + 4, bold: true, anchor: 'end', halo: true },
        })
      );
    },
  };
}

export function answerRow(runs: readonly DesignRun[]): Row {
  const admitted = (run: DesignRun) => ratesOf(run.samples, (sample) => sample.admitted, binOf(run));
  const refused = (run: DesignRun) => ratesOf(run.samples, (sample) => sample.refused, binOf(run));
  return {
    title: 'Requests answered, a second',
    entries: [
      { label: 'accepted', hue: 'green' },
      { label: 'told when to return (429, 503 with Retry-After)', hue: 'amber' },
      { label: '500', hue: 'red' },
    ],
    height: 70,
    most: end(runs.map((run) => highest(admitted(run), refused(run)))),
    format: compact,
    draw(plot, run) {
      const [inside, outside] = [admitted(run), refused(run)];
      const on = new Map(inside.map(({ from, value }) => [from, value]));
      const both = outside.map((bar) => ({
        ...bar,
        value: bar.value > 0 ? bar.value + (on.get(bar.from) ?? 0) : 0,
      }));
      const hue = run.design === 'plain' ? 'red' : 'amber';
      return barsOf(plot, both, { hue }) + barsOf(plot, inside, { hue: 'green' });
    },
  };
}

function none(
  { left, top, width, height }: { left: number; top: number; width: number; height: number },
  text: string,
) {
  return words(text, {
    x: left + width / 2,
    y: top + height / 2 + 4,
    hue: 'green',
    bold: true,
    anchor: 'middle',
  });
}
