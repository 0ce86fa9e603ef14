import { aligned } from '../../table.ts';
import { type Equal, type Target, targets } from '../analysis/equal.ts';
import type { KindOrGroup } from '../analysis/groups.ts';
import { labels } from '../pictures/kinds.ts';
import type { Result } from '../result.ts';
import { reference } from '../settings.ts';
import { kilobytes, milliseconds, ratio, short } from './cells.ts';

/** Bytes and CPU of each setting against WebP effort 4, at one score, for each size: medians with the middle half. */
export function scoreTable(result: Result, kind: KindOrGroup, score: Target): string[] {
  const sizes = sizesIn(result, kind);
  const head = sizes.flatMap((size) => [`${size} px: bytes`, 'CPU']);
  const rows = result.settings.map(({ name, label }) => [
    label,
    ...sizes.flatMap((size) => {
      const found = find(result, kind, size, name, score);
      return [bytesCell(found), cpuCell(found)];
    }),
  ]);
  return aligned([['setting', ...head], ...rows]);
}

/** One kind and size: all scores, and the second judge. */
export function kindTable(result: Result, kind: KindOrGroup, size: number): string[] {
  const head = targets.flatMap((score) => [`${score}: bytes`, 'by the second', 'CPU', 'level']);
  const rows = result.settings
    .filter(({ name }) => find(result, kind, size, name, 70) !== undefined)
    .map(({ name, label }) => [
      label,
      ...targets.flatMap((score) => {
        const found = find(result, kind, size, name, score);
        const level = found?.level === undefined ? '–' : found.level.toFixed(0);
        return [bytesCell(found), short(found?.secondBytesRatio), cpuCell(found), level];
      }),
    ]);
  return [
    `### ${labels[kind].charAt(0).toUpperCase()}${labels[kind].slice(1)}, ${size} px`,
    '',
    referenceLine(result, kind, size),
    '',
    ...aligned([['setting', ...head], ...rows]),
  ];
}

/** What WebP effort 4 takes, as all ratios are of it. */
function referenceLine(result: Result, kind: KindOrGroup, size: number): string {
  const parts = targets.map((score) => {
    const found = find(result, kind, size, reference, score);
    if (found?.bytes === undefined || found.cpuMs === undefined) return `${score}: not reached`;
    return `${score}: ${kilobytes(found.bytes)}, ${milliseconds(found.cpuMs)}${marks(found)}`;
  });
  const pictures = find(result, kind, size, reference, 70)?.pictures ?? 0;
  return `${pictures} ${pictures === 1 ? 'picture' : 'pictures'}. WebP effort 4 at ${parts.join('; ')}.`;
}

export function memoryTable({ memory, settings }: Result): string[] {
  const rows = memory.encoders.map(({ setting, peakMb, aboveMb, threads }) => [
    settings.find(({ name }) => name === setting)?.label ?? setting,
    `${peakMb}`,
    `${aboveMb}`,
    `${threads}`,
  ]);
  return aligned([['setting', 'peak RSS MB', 'of it by the encode', 'threads started'], ...rows]);
}

function bytesCell(found: Equal | undefined): string {
  if (found?.bytes === undefined) return '–';
  const value = found.bytesRatio === undefined ? kilobytes(found.bytes) : ratio(found.bytesRatio);
  return value + marks(found);
}

function cpuCell(found: Equal | undefined): string {
  if (found?.cpuMs === undefined) return '–';
  return found.cpuRatio === undefined ? milliseconds(found.cpuMs) : ratio(found.cpuRatio);
}

/** On how many pictures a number is based where that is not all, and a plus where most are better at the lowest level. */
function marks({ reached, compared, pictures, better }: Equal): string {
  const based = compared > 0 ? compared : reached;
  const share = based < pictures ? ` (${based}/${pictures})` : '';
  return better * 2 > reached ? `${share} +` : share;
}

export function find(result: Result, kind: KindOrGroup, size: number, setting: string, score: Target) {
  return result.equal.find(
    (one) => one.kind === kind && one.size === size && one.setting === setting && one.score === score,
  );
}

export function sizesIn(result: Result, kind: KindOrGroup): number[] {
  return [...new Set(result.equal.filter((one) => one.kind === kind).map(({ size }) => size))];
}

export function kindsIn(result: Result): KindOrGroup[] {
  return [...new Set(result.equal.map(({ kind }) => kind))];
}
