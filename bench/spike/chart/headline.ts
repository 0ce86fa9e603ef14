import { grouped } from '../../../lib/chart/formats.ts';
import { words } from '../../../lib/chart/words.ts';
import type { Column } from './columns.ts';

/** @returns markup from `top`, 96 px high */
export function headline({ run, left, width }: Column, top: number): string {
  const { outcome, design } = run;
  const plain = design === 'plain';
  const numbers = [
    [outcome.refusedConnections, 'connections', 'refused'],
    [outcome.untriedDead, 'dead-lettered', 'untried'],
    [outcome.late, 'ready late', 'or never'],
    [outcome.doubled, 'made', 'twice'],
  ] as const;
  const parts = [
    words(plain ? 'The plain design' : 'Sluice', { x: left, y: top + 16, size: 17, bold: true }),
    words(
      plain
        ? 'no cap; a connection for each execution'
        : 'a cap, two short statements a batch, and an honest Retry-After',
      { x: left, y: top + 35, size: 12, hue: 'faint' },
    ),
    ...numbers.flatMap(([count, ...lines], index) => {
      const x = left + (Math.min(width, 420) / numbers.length) * index;
      return [
        words(grouped(count), { x, y: top + 66, size: 19, bold: true, hue: count > 0 ? 'red' : 'green' }),
        ...lines.map((line, at) => words(line, { x, y: top + 81 + 13 * at, size: 11, hue: 'faint' })),
      ];
    }),
  ];
  return parts.join('');
}
