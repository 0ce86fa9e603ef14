import { readFileSync } from 'node:fs';

/* Costs of another process, from Linux's /proc. */

/** Clock ticks are 10 ms on every Linux; the kernel rounds down what it counts in nanoseconds. */
const tickMs = 10;

/** CPU of user and system in ms, all threads, ended ones included. */
export function cpuMsOf(pid: number): number {
  // The name in brackets may have spaces; utime and stime are the 12th and 13th field after it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** The largest resident size so far, in MB. */
export function peakRssMbOf(pid: number): number {
  return status(pid, 'VmHWM');
}

/** The current resident size in MB. */
export function rssMbOf(pid: number): number {
  return status(pid, 'VmRSS');
}

function status(pid: number, field: 'VmHWM' | 'VmRSS'): number {
  const text = readFileSync(`/proc/${pid}/status`, 'latin1');
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  if (kilobytes === undefined) throw new Error(`the process ${pid} is no more`);
  return Number(kilobytes) / 1024;
}
