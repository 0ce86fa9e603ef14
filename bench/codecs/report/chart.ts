import { chart } from '../../../lib/chart/chart.ts';
import { element } from '../../../lib/chart/element.ts';
import { legend } from '../../../lib/chart/marks.ts';
import { fill, type Hue, stroke } from '../../../lib/chart/palette.ts';
import { plotIn } from '../../../lib/chart/plot.ts';
import { lineOf, type Point } from '../../../lib/chart/series.ts';
import { words } from '../../../lib/chart/words.ts';
import { targets } from '../analysis/equal.ts';
import type { KindOrGroup } from '../analysis/groups.ts';
import { groups, labels } from '../pictures/kinds.ts';
import type { Result, SettingRecord } from '../result.ts';
import { reference } from '../settings.ts';
import { logTicks, rangeOf } from './log.ts';
import { find, kindsIn, sizesIn } from './tables.ts';

const hues: Record<string, { hue: Hue; label: string }> = {
  jpeg: { hue: 'blue', label: 'JPEG' },
  mozjpeg: { hue: 'teal', label: 'mozjpeg' },
  webp: { hue: 'green', label: 'WebP' },
  'webp-lossless': { hue: 'grey', label: 'WebP lossless' },
  'avif-420': { hue: 'amber', label: 'AVIF 4:2:0' },
  'avif-444': { hue: 'red', label: 'AVIF 4:4:4' },
  png: { hue: 'violet', label: 'PNG' },
};
/** Of WebP effort 4: what takes more would leave no room for the rest. */
const most = { bytes: 4, cpu: 25 };
const page = { width: 1180, left: 24, top: 92 };
const panel = { across: 3, width: 316, height: 216, gapX: 66, gapY: 74 };

/** Bytes against CPU of each setting, a panel for each kind of picture; a line joins the scores 60, 70 and 80. */
export function drawCodecs(result: Result): string {
  const kinds = kindsIn(result).filter((kind) => !(kind in groups));
  const rows = Math.ceil(kinds.length / panel.across);
  const height = page.top + rows * (panel.height + panel.gapY) + 46;
  const shown = Object.entries(hues).filter(([family]) =>
    result.settings.some((setting) => setting.family === family),
  );
  return chart(
    { width: page.width, height, title: 'Bytes against CPU at equal scores', description: describe(result) },
    words('What the same picture costs', { x: page.left, y: 34, size: 20, bold: true }),
    words(
      'Bytes against CPU at the SSIMULACRA2 scores 60, 70 and 80 (small to large dots), medians of each kind, both axes logarithmic. Down and left is better.',
      { x: page.left, y: 54, size: 13, hue: 'faint' },
    ),
    legend(
      shown.map(([, entry]) => entry),
      { x: page.left, y: 76, size: 12 },
    ),
    ...kinds.map((kind, at) => drawPanel(result, kind, at)),
    ...footer(result).map((line, at, lines) =>
      words(line, { x: page.left, y: height - 16 - (lines.length - 1 - at) * 15, size: 11, hue: 'faint' }),
    ),
  );
}

function footer({ machine }: Result): string[] {
  return [
    `${machine.processor}, one thread, sharp ${machine.sharp.split(' ')[0]}. Numbers are efforts; s: sharp YUV, t: trellis without progressive scans, n: near-lossless, q: tuned for SSIM instead of IQ.`,
    `Left out: scores that less than half of the pictures reach, and what takes more than ${most.bytes} times the bytes or ${most.cpu} times the CPU of WebP effort 4.`,
  ];
}

function drawPanel(result: Result, kind: KindOrGroup, at: number): string {
  const size = sizesIn(result, kind)[0] ?? 0;
  const box = {
    left: page.left + 48 + (at % panel.across) * (panel.width + panel.gapX),
    top: page.top + 28 + Math.floor(at / panel.across) * (panel.height + panel.gapY),
    width: panel.width,
    height: panel.height,
  };
  const title = words(`${labels[kind]}, ${size} px`, {
    ...{ x: box.left, y: box.top - 8, size: 13, bold: true },
  });
  const lines = result.settings.flatMap((setting) => {
    const points = pointsOf(result, kind, size, setting.name);
    return points.length === 0 ? [] : [{ setting, points }];
  });
  const all = lines.flatMap(({ points }) => points);
  const plot = plotIn(box, { x: rangeOf(all.map(([x]) => x)), y: rangeOf(all.map(([, y]) => y)) });
  const bottom = box.top + box.height;
  const axes = [
    ...logTicks(plot.y.domain()).map(({ value, label }) => {
      const y = plot.y(value);
      const rule = element('line', {
        x1: box.left,
        x2: box.left + box.width,
        y1: y,
        y2: y,
        class: stroke('line'),
      });
      return rule + words(label, { x: box.left - 6, y: y + 4, hue: 'faint', size: 11, anchor: 'end' });
    }),
    ...logTicks(plot.x.domain()).map(({ value, label }) => {
      const x = plot.x(value);
      const rule = element('line', { x1: x, x2: x, y1: box.top, y2: bottom, class: stroke('line') });
      return rule + words(label, { x, y: bottom + 15, hue: 'faint', size: 11, anchor: 'middle' });
    }),
    words('kB', { x: box.left - 6, y: box.top - 8, hue: 'faint', size: 11, anchor: 'end' }),
    words('CPU ms', { x: box.left + box.width, y: bottom + 29, hue: 'faint', size: 11, anchor: 'end' }),
  ];
  const drawn = lines.map(({ setting, points }) => {
    const { hue } = hues[setting.family] ?? { hue: 'grey' as const };
    const dots = points.map(([x, y, score]) =>
      element('circle', { cx: plot.x(x), cy: plot.y(y), r: 2 + (score - 60) / 12, class: fill(hue) }),
    );
    // AVIF's names below and the others' above, as their lines lie side by side.
    const below = setting.format === 'avif';
    const [x, y] = points.at(below ? 0 : -1) as Dot;
    const place = below ? { dx: -2, dy: 13 } : { dx: 6, dy: -2 };
    const at = { x: plot.x(x) + place.dx, y: plot.y(y) + place.dy };
    const name = words(markOf(setting), { ...at, hue, size: 10, halo: true });
    return (
      lineOf(
        plot,
        points.map(([cpu, kb]): Point => [cpu, kb]),
        { hue, width: 1.5, opacity: 0.8 },
      ) +
      dots.join('') +
      name
    );
  });
  return [title, ...axes, ...drawn].join('\n');
}

type Dot = readonly [cpu: number, bytes: number, score: number];

/** CPU and bytes by their logarithms, at each score that at least half of the pictures reach. */
function pointsOf(result: Result, kind: KindOrGroup, size: number, setting: string): Dot[] {
  return targets.flatMap((score) => {
    const found = find(result, kind, size, setting, score);
    if (found?.bytes === undefined || found.cpuMs === undefined) return [];
    if (found.reached * 2 < found.pictures) return [];
    const base = find(result, kind, size, reference, score);
    const above = (own: number, other: number | undefined) => own / (other ?? own);
    if (above(found.bytes, base?.bytes) > most.bytes) return [];
    if (above(found.cpuMs, base?.cpuMs) > most.cpu) return [];
    return [[Math.log10(found.cpuMs), Math.log10(found.bytes / 1000), score] as const];
  });
}

/** What tells the settings of a family apart. */
function markOf({ name, effort }: SettingRecord): string {
  if (name === 'webp-near-lossless') return 'n';
  const letter = name.endsWith('-sharp-yuv') ? 's' : name.endsWith('-ssim') ? 'q' : '';
  if (name.includes('trellis')) return 't';
  if (name === 'png-palette-16') return '16';
  return effort === undefined ? (name.endsWith('444') ? '4:4:4' : '') : `${effort}${letter}`;
}

function describe(result: Result): string {
  const kinds = kindsIn(result).filter((kind) => !(kind in groups));
  const numbers = kinds.map((kind) => {
    const size = sizesIn(result, kind)[0] ?? 0;
    const avif = find(result, kind, size, 'avif-0-420', 70);
    const [bytes, cpu] = [avif?.bytesRatio?.median, avif?.cpuRatio?.median];
    if (bytes === undefined || cpu === undefined) return `${labels[kind]}: not compared`;
    return `${labels[kind]}: ${bytes.toFixed(2)} of the bytes and ${cpu.toFixed(2)} of the CPU`;
  });
  return `A panel for each kind of picture: kilobytes against milliseconds of CPU for every encoder. AVIF effort 0, 4:2:0, against WebP effort 4 at score 70: ${numbers.join('; ')}.`;
}
