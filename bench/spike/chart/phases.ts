import { element } from '../../../lib/chart/element.ts';
import { band, moment } from '../../../lib/chart/marks.ts';
import { fill, type Hue } from '../../../lib/chart/palette.ts';
import type { Plot } from '../../../lib/chart/plot.ts';
import { widthOf, words } from '../../../lib/chart/words.ts';
import type { DesignRun, Phase } from '../result.ts';

/** What is done to a run: shown in all rows. Other phases say how much arrives. */
const faults: readonly { matches: RegExp; label: string; hue: Hue }[] = [
  { matches: /deploy/i, label: 'deploy', hue: 'violet' },
  { matches: /database|postgres/i, label: 'Postgres down', hue: 'ink' },
  { matches: /storage|s3/i, label: 'S3 fails', hue: 'amber' },
];
const loads: Record<string, string> = {
  quiet: '50 a minute',
  shed: '10 × too much',
  flood: '50,000 a minute',
};

const faultOf = ({ name }: Phase) => faults.find(({ matches }) => matches.test(name));

/** A phase shorter than this is drawn as a moment. */
const shortSeconds = 2;

export function faultBands(plot: Plot, { phases }: DesignRun): string {
  return phases
    .map((phase) => {
      const fault = faultOf(phase);
      if (fault === undefined) return '';
      const { from, to } = phase;
      return to - from < shortSeconds ? moment(plot, from, fault.hue) : band(plot, from, to, fault.hue, 0.13);
    })
    .join('');
}

const stripHeight = 16;

/** Above the rows: how much arrives, and under it the names of the faults. @returns markup of 2 lines, 34 px high */
export function phaseStrip(plot: Plot, { phases }: DesignRun): string {
  const { top } = plot.box;
  const arriving = phases
    .filter((phase) => faultOf(phase) === undefined)
    .map(({ name, from, to }) => {
      const [left, right] = [plot.x(from), plot.x(to)];
      const busy = name === 'flood' || name === 'shed';
      const block = element('rect', {
        x: left,
        y: top,
        width: Math.max(1, right - left - 1),
        height: stripHeight,
        rx: 2,
        class: fill(busy ? 'blue' : 'line'),
        opacity: name === 'shed' ? 0.6 : 1,
      });
      const label = [loads[name] ?? name, name].find((text) => widthOf(text, 10) < right - left - 4);
      if (label === undefined) return block;
      const hue = busy ? 'ground' : 'ink';
      return block + words(label, { x: (left + right) / 2, y: top + 12, size: 10, hue, anchor: 'middle' });
    });
  let free = plot.box.left - 10;
  const named = phases
    .flatMap((phase) => {
      const fault = faultOf(phase);
      return fault === undefined ? [] : [{ ...phase, ...fault }];
    })
    .sort((a, b) => a.from - b.from)
    .map(({ from, to, label, hue }) => {
      const half = widthOf(label, 10.5) / 2;
      const x = Math.max(free + 6 + half, (plot.x(from) + plot.x(to)) / 2);
      free = x + half;
      return words(label, { x, y: top + stripHeight + 14, size: 10.5, hue, anchor: 'middle' });
    });
  return [...arriving, ...named].join('');
}
