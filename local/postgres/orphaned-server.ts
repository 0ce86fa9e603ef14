import { readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PostgresProblem } from './errors.ts';

/** A proper shutdown takes up to a second, with its last checkpoint a few. */
const politeMs = 8_000;
const forcedMs = 5_000;

/**
 * Ends the server of an earlier run: the postmaster or, if that was killed, its backends, which keep the shared memory
 * until they notice. A postmaster.pid whose process is another program by now is removed.
 */
export async function endOrphanedServer(data: string, onProgress?: (line: string) => void): Promise<void> {
  const pidFile = join(data, 'postmaster.pid');
  const postmaster = postmasterPid(data);
  let alive = processesOf(data, postmaster);
  if (alive.length > 0) {
    onProgress?.('Postgres: waiting for the server of an earlier run to stop');
    if (postmaster !== undefined && alive.includes(postmaster)) signal(postmaster, 'SIGINT');
    alive = await waitForEnd(data, postmaster, politeMs);
    for (const pid of alive) signal(pid, 'SIGKILL');
    alive = await waitForEnd(data, postmaster, forcedMs);
    if (alive.length > 0)
      throw new PostgresProblem(`The Postgres server of an earlier run does not stop: process ${alive[0]}.`);
  }
  rmSync(pidFile, { force: true });
}

async function waitForEnd(data: string, postmaster: number | undefined, ms: number): Promise<number[]> {
  const deadline = Date.now() + ms;
  for (;;) {
    const alive = processesOf(data, postmaster);
    if (alive.length === 0 || Date.now() > deadline) return alive;
    await pause(20);
  }
}

/** The process id in the first line of postmaster.pid. */
function postmasterPid(data: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(join(data, 'postmaster.pid'), 'utf8'), 10);
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Processes in the data folder, which is the working directory of every Postgres process. */
function processesOf(data: string, postmaster: number | undefined): number[] {
  if (process.platform !== 'linux')
    return postmaster !== undefined && isAlive(postmaster) ? [postmaster] : [];
  const folder = realpathSync(data);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && workingDirectory(name) === folder && isPostgres(name))
    .map(Number);
}

function workingDirectory(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** Excludes other programs in that folder, such as a shell. A zombie has an empty command line. */
function isPostgres(pid: string): boolean {
  try {
    return /postgres/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  return signal(pid, 0);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
