import { valueAxis } from '../../../lib/chart/axes.ts';
import { type LegendEntry, legend } from '../../../lib/chart/marks.ts';
import { type Plot, plotIn } from '../../../lib/chart/plot.ts';
import { widthOf, words } from '../../../lib/chart/words.ts';
import type { DesignRun } from '../result.ts';
import { boxOf, type Column, textLeft } from './columns.ts';
import { faultBands } from './phases.ts';

/** One measure of both designs, on the same axis. */
export interface Row {
  title: string;
  entries: readonly LegendEntry[];
  height: number;
  /** The end of the axis, for both designs. */
  most: number;
  ticks?: number;
  format(value: number): string;
  draw(plot: Plot, run: DesignRun): string;
}

const titleHeight = 24;

/** @returns the markup, and where the next row begins */
export function drawRow(
  row: Row,
  columns: readonly Column[],
  top: number,
): { markup: string; bottom: number } {
  const base = top + 14;
  const title = words(row.title, { x: textLeft, y: base, size: 13, bold: true });
  const entries = legend(row.entries, { x: textLeft + widthOf(row.title, 13, true) + 16, y: base });
  const plots = columns.map((column) => {
    const { run, labels } = column;
    const plot = plotIn(boxOf(column, top + titleHeight, row.height), {
      x: [0, run.seconds],
      y: [0, row.most],
    });
    const { ticks = 3, format } = row;
    return faultBands(plot, run) + valueAxis(plot, { ticks, format, labels }) + row.draw(plot, run);
  });
  return { markup: [title, entries, ...plots].join('\n'), bottom: top + titleHeight + row.height };
}
