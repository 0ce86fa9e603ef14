import { processorTimes } from '../processors.ts';

/** The idle part of the machine, 0 to 1, since the last call; 0.5 without /proc. */
export function idleMeter(): () => number {
  let before = processorTimes();
  return () => {
    const now = processorTimes();
    const grown = (part: keyof typeof now) => now[part] - before[part];
    const total = grown('busy') + grown('idle') + grown('stolen');
    const idle = total > 0 ? grown('idle') / total : 0.5;
    before = now;
    return idle;
  };
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
