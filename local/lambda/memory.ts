import { readFileSync } from 'node:fs';
import { family } from '../processes/tree.ts';

/** AT_PAGESZ of getauxval(3). */
const pageSizeEntry = 6n;

/** Bytes of a page, from the auxiliary vector of this process; on a machine without one nothing is counted in pages. */
function readPageBytes(): number {
  try {
    const entries = new BigUint64Array(new Uint8Array(readFileSync('/proc/self/auxv')).buffer);
    for (let at = 0; at + 1 < entries.length; at += 2)
      if (entries[at] === pageSizeEntry) return Number(entries[at + 1]);
  } catch {
    // Not Linux.
  }
  return 4096;
}

const pageBytes = readPageBytes();

/**
 * Anonymous memory of a process and its children in bytes; 0 without /proc. Lambda counts the pages of a file once for
 * all processes that map it, so they are left out. (`statm` costs half of `status`.)
 */
export function residentBytes(pid: number): number {
  let pages = 0;
  for (const member of family(pid)) {
    try {
      const [, resident, shared] = readFileSync(`/proc/${member}/statm`, 'utf8').split(' ').map(Number);
      pages += (resident ?? 0) - (shared ?? 0);
    } catch {
      // The process has ended.
    }
  }
  return pages * pageBytes;
}
