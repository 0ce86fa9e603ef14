import { readFileSync } from 'node:fs';

function children(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}

function family(pid: number): number[] {
  return [pid, ...children(pid).flatMap(family)];
}

/**
 * Anonymous memory of a process and its children in bytes; 0 without /proc. Lambda counts the pages of a file once for
 * all processes that map it, so they are left out.
 */
export function residentBytes(pid: number): number {
  let kibibytes = 0;
  for (const member of family(pid)) {
    try {
      const status = readFileSync(`/proc/${member}/status`, 'utf8');
      kibibytes += Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
    } catch {
      // The process has ended.
    }
  }
  return kibibytes * 1024;
}
