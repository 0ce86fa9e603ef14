import { readFileSync } from 'node:fs';
import { rounded } from './rounded.ts';

/** Ticks a second of /proc on every Linux. */
const ticksPerSecond = 100;
const meanOverMs = 1_000;

/** Seconds of all processors since the machine started; zeros without /proc. `stolen` went to other machines of the host. */
export function processorTimes(): { busy: number; idle: number; stolen: number } {
  try {
    const [first = ''] = readFileSync('/proc/stat', 'latin1').split('\n', 1);
    const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, soft = 0, stolen = 0] = first
      .split(/\s+/)
      .slice(1)
      .map((ticks) => Number(ticks) / ticksPerSecond);
    return { busy: user + nice + system + irq + soft, idle: idle + waiting, stolen };
  } catch {
    return { busy: 0, idle: 0, stolen: 0 };
  }
}

/** @returns the cores that each part used in the last whole second. @param seconds of CPU so far, by part */
export function coreMeter(
  seconds: () => Record<string, number>,
  clock: () => number = () => performance.now(),
): () => Record<string, number> {
  let before = { at: clock(), seconds: seconds() };
  let cores: Record<string, number> = {};
  return () => {
    const at = clock();
    const long = (at - before.at) / 1000;
    if (at - before.at < meanOverMs) return cores;
    const now = seconds();
    cores = Object.fromEntries(
      Object.entries(now).map(([part, used]) => [
        part,
        rounded(Math.max(0, used - (before.seconds[part] ?? 0)) / long),
      ]),
    );
    before = { at, seconds: now };
    return cores;
  };
}
