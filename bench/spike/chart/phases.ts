import { element } from '../../../lib/chart/element.ts';
import { grouped } from '../../../lib/chart/formats.ts';
import { band, moment } from '../../../lib/chart/marks.ts';
import { fill, type Hue } from '../../../lib/chart/palette.ts';
import type { Plot } from '../../../lib/chart/plot.ts';
import { widthOf, words } from '../../../lib/chart/words.ts';
import type { DesignRun, Phase } from '../result.ts';

/** What is done to a run, by the name of its phase: shown in all rows. */
const faults: Record<string, { label: string; hue: Hue }> = {
  deploy: { label: 'deploy', hue: 'violet' },
  database: { label: 'Postgres down', hue: 'ink' },
  storage: { label: 'S3 fails', hue: 'amber' },
};

/** A phase shorter than this is drawn as a moment. */
const shortSeconds = 2;

export function faultBands(plot: Plot, { phases }: DesignRun): string {
  return phases
    .map((phase) => {
      const fault = faults[phase.name];
      if (fault === undefined) return '';
      const { from, to } = phase;
      return to - from < shortSeconds ? moment(plot, from, fault.hue) : band(plot, from, to, fault.hue, 0.13);
    })
    .join('');
}

/** How much arrives. Faults and recoveries of Sluice's run are under the flood; those of the plain run are beside its phases. */
const loads = ['calibrate', 'quiet', 'shed', 'flood', 'drain'];

/** Phases of one load after each other are one. */
export function loadPhases({ phases, design }: DesignRun): Phase[] {
  const merged: Phase[] = [];
  for (const phase of phases.toSorted((a, b) => a.from - b.from)) {
    if (design === 'plain' && !loads.includes(phase.name)) continue;
    const name = loads.includes(phase.name) ? phase.name : 'flood';
    const last = merged.at(-1);
    if (last?.name === name) last.to = phase.to;
    else merged.push({ ...phase, name });
  }
  return merged;
}

/** Labels of a load, the longest first. */
function labelsOf(name: string, { config }: DesignRun): string[] {
  const reached = `${grouped(Math.round(config.floodReached * 0.6) * 100)} a minute`;
  const long: Record<string, string[]> = {
    quiet: ['50 a minute'],
    shed: ['10 × what it can do', '10 × too much'],
    flood: [`flood: ${reached}`, reached],
  };
  return [...(long[name] ?? []), name];
}

const stripHeight = 16;

/** Above the rows: how much arrives, and under it the names of the faults. @returns markup of 2 lines, 34 px high */
export function phaseStrip(plot: Plot, run: DesignRun): string {
  const { top } = plot.box;
  const arriving = loadPhases(run).map(({ name, from, to }) => {
    const [left, right] = [plot.x(from), plot.x(to)];
    const busy = name === 'flood' || name === 'shed';
    const block = element('rect', {
      x: left,
      y: top,
      width: Math.max(1, right - left - 1),
      height: stripHeight,
      rx: 2,
      class: fill(busy ? 'blue' : 'line'),
      opacity: name === 'shed' ? 0.7 : 1,
    });
    const label = labelsOf(name, run).find((text) => widthOf(text, 10) < right - left - 2);
    if (label === undefined) return block;
    const hue = busy ? 'ground' : 'ink';
    return block + words(label, { x: (left + right) / 2, y: top + 12, size: 10, hue, anchor: 'middle' });
  });
  let free = plot.box.left - 10;
  const named = run.phases
    .flatMap((phase) => {
      const fault = faults[phase.name];
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
