import { readdirSync, readFileSync } from 'node:fs';

/** The names of the threads that a process has now; none without /proc. */
export function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => nameOf(pid, thread));
  } catch {
    return [];
  }
}

/** None where the thread has ended meanwhile. */
function nameOf(pid: number, thread: string): string[] {
  try {
    return [readFileSync(`/proc/${pid}/task/${thread}/comm`, 'latin1').trim()];
  } catch {
    return [];
  }
}
