import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Process ids are reused after a restart; together with the start time they are unique. */
export interface ProcessIdentity {
  pid: number;
  started: string;
}

/** The identity of a running process; undefined if there is none, or only a zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const started = process.platform === 'linux' ? startTicks(pid) : startDate(pid);
  return started === undefined ? undefined : { pid, started };
}

export function isAlive(known: ProcessIdentity): boolean {
  return identify(known.pid)?.started === known.started;
}

interface Stat {
  state: string;
  group: number;
  started: string;
}

/** Fields 3, 5 and 22 of /proc/<pid>/stat; the name in parentheses before them may contain anything. */
function readStat(pid: number | string): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', group: Number(fields[2]), started: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

function startTicks(pid: number): string | undefined {
  const stat = readStat(pid);
  return stat === undefined || stat.state === 'Z' ? undefined : stat.started;
}

function startDate(pid: number): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout?.trim() || undefined;
}

/** Running members of a process group (on Linux; elsewhere the leader only). */
export function membersOf(group: number): number[] {
  if (process.platform !== 'linux') return identify(group) === undefined ? [] : [group];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      const stat = readStat(name);
      return stat !== undefined && stat.group === group && stat.state !== 'Z';
    })
    .map(Number);
}

/** The command line of a process, its arguments separated by spaces. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Sends a signal to a process group; false if it has ended. */
export function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}
