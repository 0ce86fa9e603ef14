import { readFileSync } from 'node:fs';

/** The idle part of the machine, 0 to 1, since the last call; 0.5 without /proc. */
export function idleMeter(): () => number {
  let before = times();
  return () => {
    const now = times();
    const total = now.total - before.total;
    const idle = total > 0 ? (now.idle - before.idle) / total : 0.5;
    before = now;
    return idle;
  };
}

function times(): { idle: number; total: number } {
  try {
    const [, ...fields] = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0]?.split(/\s+/) ?? [];
    const numbers = fields.slice(0, 8).map(Number);
    // The fourth and fifth: idle, and idle while something waits for a disk.
    return {
      idle: (numbers[3] ?? 0) + (numbers[4] ?? 0),
      total: numbers.reduce((sum, value) => sum + value, 0),
    };
  } catch {
    return { idle: 0, total: 0 };
  }
}

/**
 * The next rate of a flood: as much as the machine can drive, which is when an eighth to a fifth of it is idle. More
 * would measure processes that wait for a processor.
 */
export function nextRate(
  rate: number,
  idle: number,
  { least, most }: { least: number; most: number },
): number {
  const factor = idle > 0.2 ? 1.15 : idle < 0.12 ? 0.85 : 1;
  return Math.min(most, Math.max(least, rate * factor));
}
