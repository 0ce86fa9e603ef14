import { aligned } from '../../table.ts';
import type { Equal, Target } from '../analysis/equal.ts';
import type { KindOrGroup } from '../analysis/groups.ts';
import type { Result } from '../result.ts';
import { kilobytes, milliseconds, ratio } from './cells.ts';

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
