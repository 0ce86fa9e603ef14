import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { waiting } from './pace.ts';

/**
 * Stops a process (SIGSTOP), as one that hangs. Resolves when all of its threads are stopped: `kill` returns before, and on
 * a busy machine a thread may still answer a request. Only Linux tells; elsewhere it resolves at once.
 * @throws if a thread runs on
 */
export async function freeze(pid: number | undefined): Promise<void> {
  if (pid === undefined) throw new TypeError('there is no process to stop');
  process.kill(pid, 'SIGSTOP');
  if (process.platform !== 'linux') return;
  const isLate = waiting(10_000);
  while (!statesOf(pid).every((state) => state === 'T')) {
    if (isLate()) throw new Error(`process ${pid} does not stop: ${statesOf(pid).join('')}`);
    await sleep(1);
  }
}

/** A letter for each thread, as in proc(5): `T` is stopped by a signal. */
export function statesOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
      // After the name, in which there may be parentheses and spaces.
      return [stat.charAt(stat.lastIndexOf(')') + 2)];
    } catch {
      // It has ended since.
      return [];
    }
  });
}
