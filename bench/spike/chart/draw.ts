import { timeAxis, timeStep } from '../../../lib/chart/axes.ts';
import { chart } from '../../../lib/chart/chart.ts';
import { clock, grouped } from '../../../lib/chart/formats.ts';
import { plotIn } from '../../../lib/chart/plot.ts';
import { words } from '../../../lib/chart/words.ts';
import type { DesignRun, SpikeResult } from '../result.ts';
import { captionOf } from './caption.ts';
import { boxOf, columnsOf, textLeft, width } from './columns.ts';
import { headline } from './headline.ts';
import { phaseStrip } from './phases.ts';
import { drawRow } from './row.ts';
import { ageRow, answerRow, connectionRow, fateRow, refusedConnectionRow } from './rows.ts';

const title = '50 images a minute become 50,000';
const rowGap = 12;

/** Both designs beside each other, as one SVG. @throws Error if one of the runs is missing */
export function drawSpike(result: SpikeResult): string {
  const { plain, sluice } = result;
  if (plain === undefined || sluice === undefined) throw new Error('The picture needs both runs.');
  const columns = columnsOf(plain, sluice);
  const runs = columns.map(({ run }) => run);
  const parts = [
    words(title, { x: textLeft, y: 36, size: 20, bold: true }),
    words(
      `The same flood on the same machine, each with a real Postgres of ${sluice.config.maxConnections} connections`,
      { x: textLeft, y: 56, size: 13, hue: 'faint' },
    ),
    ...columns.map((column) => headline(column, 72)),
  ];
  const stripTop = 184;
  for (const column of columns)
    parts.push(
      phaseStrip(plotIn(boxOf(column, stripTop, 0), { x: [0, column.run.seconds], y: [0, 1] }), column.run),
    );
  let top = stripTop + 34;
  const rows = [connectionRow, refusedConnectionRow, ageRow, fateRow, answerRow];
  for (const rowOf of rows) {
    const { markup, bottom } = drawRow(rowOf(runs), columns, top);
    parts.push(markup);
    top = bottom + rowGap;
  }
  for (const column of columns) {
    const { seconds } = column.run;
    const plot = plotIn(boxOf(column, top - rowGap - 1, 1), { x: [0, seconds], y: [0, 1] });
    parts.push(timeAxis(plot, { every: timeStep(seconds, column.width / 60), format: clock }));
  }
  top += 34;
  for (const line of captionOf(result)) {
    parts.push(words(line, { x: textLeft, y: top, size: 11, hue: 'faint' }));
    top += 15;
  }
  return chart({ width, height: top + 4, title, description: describe(plain, sluice) }, ...parts);
}

function describe(plain: DesignRun, sluice: DesignRun): string {
  const numbers = ({ outcome }: DesignRun) =>
    `${grouped(outcome.images)} images accepted, ${grouped(outcome.ready)} ready, ` +
    `${grouped(outcome.refusedConnections)} connections refused, ` +
    `${grouped(outcome.untriedDead)} images dead-lettered without having been tried, ` +
    `${grouped(outcome.late)} late, ${grouped(outcome.doubled)} made twice, ${grouped(outcome.lost)} lost`;
  return (
    'Two columns of charts over time: connections to Postgres, connections refused, the age of the oldest image, ' +
    'accepted images by what became of them, and requests by their answer. ' +
    `The plain design: ${numbers(plain)}. Sluice: ${numbers(sluice)}.`
  );
}
