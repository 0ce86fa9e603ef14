import { readFileSync } from 'node:fs';

/** The running children of a process; none without /proc. */
export function children(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}

/** A process and its descendants. */
export function family(pid: number): number[] {
  return [pid, ...children(pid).flatMap(family)];
}
