import { readFileSync } from 'node:fs';
import { family } from '../processes/tree.ts';

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
