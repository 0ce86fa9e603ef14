import { timeAxis, timeStep, valueAxis } from '../../lib/chart/axes.ts';
import { chart } from '../../lib/chart/chart.ts';
import { clock, compact } from '../../lib/chart/formats.ts';
import { legend, limitLine, moment } from '../../lib/chart/marks.ts';
import { type Box, fromZero, type Plot, plotIn } from '../../lib/chart/plot.ts';
import { areaOf, lineOf, type Point } from '../../lib/chart/series.ts';
import { words } from '../../lib/chart/words.ts';
import type { OfferPlan } from '../../lib/plan/campaign-plan.ts';
import { courseMoments } from '../../lib/plan/timeline.ts';
import type { Simulated } from './simulated.ts';
import { count, time } from './words.ts';

const size = { width: 960, height: 600 };
const left = 74;
const across = size.width - left - 28;

/** The course of a campaign over time: what waits, what producers are told, and connections. An SVG of 16:10. */
export function campaignChart({ stage, campaign }: OfferPlan, simulated?: Simulated): string {
  const { offer, course, connections, cost } = campaign;
  const ends = Math.max(course.drainSeconds, simulated?.drainSeconds ?? 0);
  const title = `${count(60 * offer.ratePerSecond)} images a minute for ${time(offer.seconds)} on the stage ${stage}`;
  const summary =
    `${count(course.images)} images, ready after ${time(course.drainSeconds)}` +
    `${simulated === undefined ? '' : ` (simulated: ${time(simulated.drainSeconds)})`}, ${cost.usd.toFixed(0)} $ a million`;
  const plotAt = (top: number, height: number, values: Iterable<number>): Plot => {
    const box: Box = { left, top, width: across, height };
    return plotIn(box, { x: [0, ends], y: fromZero(values) });
  };
  const moments = courseMoments(course, offer);
  const series = simulated?.timeline ?? [];
  const depth = plotAt(104, 150, [...moments.map((one) => one.depth), ...series.map((one) => one.depth)]);
  const unit = Math.max(...moments.map((one) => one.told)) > 120 ? 60 : 1;
  const told = plotAt(
    300,
    100,
    moments.map((one) => one.told / unit),
  );
  const { available, peak } = connections;
  // Behind a proxy the simulator counts its clients.
  const counted = connections.pooled ? [] : series;
  const used = plotAt(446, 90, [available, ...counted.map((one) => one.connections)]);
  const every = timeStep(ends, 9);
  const points = <One>(of: readonly One[], x: (one: One) => number, y: (one: One) => number): Point[] =>
    of.map((one) => [x(one), y(one)]);
  const name = (text: string, top: number) => words(text, { x: left, y: top - 12, bold: true, size: 13 });
  const axes = (plot: Plot, format: (value: number) => string, labels = false) =>
    valueAxis(plot, { ticks: 4, format }) + timeAxis(plot, { every, format: clock, labels });
  const over = (plot: Plot) => (offer.seconds < ends ? moment(plot, offer.seconds) : '');
  return chart(
    {
      ...size,
      title,
      description: `${title}. ${summary}. ${connectionsOf(peak, available, connections.pooled ? undefined : simulated)}.`,
    },
    words(title, { x: 28, y: 36, bold: true, size: 18 }),
    words(summary, { x: 28, y: 58, hue: 'faint', size: 13 }),
    legend(
      [
        { label: 'arithmetic, without a brown-out', hue: 'blue', line: true },
        ...(simulated === undefined ? [] : [{ label: 'simulated', hue: 'amber' as const, line: true }]),
      ],
      { x: size.width - 330, y: 92 },
    ),
    name('Images admitted and not ready', 104),
    axes(depth, compact),
    areaOf(
      depth,
      points(
        moments,
        (one) => one.at,
        (one) => one.depth,
      ),
      { hue: 'blue', opacity: 0.15 },
    ),
    lineOf(
      depth,
      points(
        moments,
        (one) => one.at,
        (one) => one.depth,
      ),
      { hue: 'blue' },
    ),
    lineOf(
      depth,
      points(
        series,
        (one) => one.at,
        (one) => one.depth,
      ),
      { hue: 'amber' },
    ),
    over(depth),
    name('Retry-After of a request that would come now', 300),
    axes(told, (value) => `${value} ${unit === 60 ? 'min' : 's'}`),
    lineOf(
      told,
      points(
        moments,
        (one) => one.at,
        (one) => one.told / unit,
      ),
      { hue: 'blue' },
    ),
    over(told),
    name(connections.pooled ? 'Connections of the proxy’s pool' : 'Connections', 446),
    axes(used, compact, true),
    limitLine(used, available, { label: connections.pooled ? 'the pool' : 'max_connections', at: 'start' }),
    limitLine(used, peak, { label: `peak by the arithmetic: ${peak}`, hue: 'blue' }),
    lineOf(
      used,
      points(
        counted,
        (one) => one.at,
        (one) => one.connections,
      ),
      { hue: 'amber', step: true },
    ),
    over(used),
    words(
      `The dotted line is the end of the campaign. Assumptions: npm run plan -- -c stage=${stage} --rate …`,
      {
        x: 28,
        y: size.height - 16,
        hue: 'faint',
        size: 11,
      },
    ),
  );
}

function connectionsOf(peak: number, available: number, simulated: Simulated | undefined): string {
  const seen = simulated === undefined ? '' : `, simulated ${simulated.peakConnections}`;
  return `At the peak ${peak} of ${available} connections${seen}`;
}
