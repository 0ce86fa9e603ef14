import type { Box } from '../../../lib/chart/plot.ts';
import type { DesignRun, Sample } from '../result.ts';
import { connectionRank } from '../sampled.ts';

export const width = 880;
const margin = 20;
/** For the labels of the left column's axis; the right one has the same axes. */
const axisWidth = 40;
const gap = 22;
/** The plain run is the shorter one. A column narrower than this has no room for its numbers. */
const leastWidth = 340;

/** One design: its place from left to right, the same for all rows. */
export interface Column {
  run: DesignRun;
  left: number;
  width: number;
  /** The right one repeats no labels of the axes. */
  labels: boolean;
}

/** What two pixels can show: of each span the sample with the most connections, and the last of the run. */
export function drawable(run: DesignRun, pixels: number): DesignRun {
  const kept = new Map<number, Sample>();
  for (const sample of run.samples) {
    const span = Math.floor(((sample.at / run.seconds) * pixels) / 2);
    const other = kept.get(span);
    if (other === undefined || connectionRank(sample) > connectionRank(other)) kept.set(span, sample);
  }
  const last = run.samples.at(-1);
  return { ...run, samples: [...new Set([...kept.values(), ...(last ? [last] : [])])] };
}

/** Plain on the left and Sluice on the right, as wide as their runs are long, within reason. */
export function columnsOf(plain: DesignRun, sluice: DesignRun): readonly [Column, Column] {
  const room = width - 2 * margin - axisWidth - gap;
  const fair = (room * plain.seconds) / (plain.seconds + sluice.seconds);
  const left = Math.min(room - leastWidth, Math.max(leastWidth, fair));
  const from = margin + axisWidth;
  return [
    { run: drawable(plain, left), left: from, width: left, labels: true },
    { run: drawable(sluice, room - left), left: from + left + gap, width: room - left, labels: false },
  ];
}

export function boxOf(column: Column, top: number, height: number): Box {
  return { left: column.left, top, width: column.width, height };
}

export const textLeft = margin;
