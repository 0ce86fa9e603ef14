import { readFileSync } from 'node:fs';
import { children } from './tree.ts';

/** CPU time in seconds. */
export interface CpuTime {
  own: number;
  /** Of all descendants, those that have ended and those that run. */
  descendants: number;
}

export const noCpuTime: CpuTime = { own: 0, descendants: 0 };

/** CPU time of a running process and its tree; 0 without /proc. */
export function cpuTime(pid: number): CpuTime {
  const stat = readTimes(pid);
  if (stat === undefined) return noCpuTime;
  const running = children(pid).map(cpuTime);
  const descendants = running.reduce((sum, time) => sum + time.own + time.descendants, stat.reaped);
  return { own: stat.own, descendants };
}

export function sumOf(times: readonly CpuTime[]): CpuTime {
  const sum = { own: 0, descendants: 0 };
  for (const { own, descendants } of times) {
    sum.own += own;
    sum.descendants += descendants;
  }
  return sum;
}

/** Fields 14 to 17 of /proc/<pid>/stat: utime, stime, cutime and cstime. */
function readTimes(pid: number): { own: number; reaped: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [user, system, childUser, childSystem] = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15)
      // In units of USER_HZ, which is 100 on every Linux.
      .map((field) => Number(field) / 100);
    return { own: (user ?? 0) + (system ?? 0), reaped: (childUser ?? 0) + (childSystem ?? 0) };
  } catch {
    return undefined;
  }
}

let reapedBefore = 0;

/**
 * CPU seconds of the children of this process, with their descendants, that have ended since the last call: to be called
 * once at the end of each, from the process that started it.
 */
export function takeReaped(): number {
  const reaped = readTimes(process.pid)?.reaped ?? 0;
  const taken = reaped - reapedBefore;
  reapedBefore = reaped;
  return taken;
}
