import { createHash } from 'node:crypto';
import type { AuditLine } from '../postgres/audit/reading.ts';

/** What is wrong with a trail, and where. Both lines of a swap are named. */
export type Finding =
  | { finding: 'changed' | 'missing'; line: number }
  /** Nothing tells whether the line is as it was: its hash follows from one that is gone with the line before. */
  | { finding: 'unverifiable'; line: number }
  | { finding: 'swapped'; line: number; with: number }
  /** Lines that were written at the end and are gone. */
  | { finding: 'missing_at_end'; line: number; last: number }
  /** The noted end does not fit the last line. */
  | { finding: 'end_changed'; line: number }
  /** The line that a person noted has another hash, or is gone. */
  | { finding: 'anchor_differs'; line: number };

/** A line's number and hash: what a person notes, to check later that nothing before it was rewritten. */
export interface Anchor {
  number: number;
  hash: Buffer;
}

/** Broken lines that are remembered to find swaps. More are reported as changed. */
const mostBroken = 200;
/** Findings that a report lists; the rest are counted. A response of Lambda holds 6 MB, its memory less. */
const mostListed = 1_000;

interface Place {
  line: AuditLine;
  /** Stored hash of the line before. */
  previous: Buffer;
}

const firstPrevious = Buffer.alloc(32);

/** SHA-256 as `audit_hash` of the database makes it. */
function hashOf(previous: Buffer, number: number, tenant: string, event: string): Buffer {
  return createHash('sha256').update(previous).update(`${number}\n${tenant}\n${event}`).digest();
}

/**
 * Checks a trail from its lines in order. Each line's hash must follow from the stored hash of the line before and its own
 * content, so one change breaks one link, and does not spread.
 * @param start the line before the first one given, trusted; by default the beginning of the trail.
 */
export function openTrailCheck(tenant: string, start: Anchor = { number: 0, hash: firstPrevious }) {
  const findings: Finding[] = [];
  const broken: Place[] = [];
  let lastBroken: number | undefined;
  let last = start;
  let lines = 0;
  let unlisted = 0;
  /** Leaves room for the findings of the remembered lines. */
  const report = (finding: Finding) => {
    if (findings.length < mostListed - mostBroken) findings.push(finding);
    else unlisted += 1;
  };

  return {
    /** Checks the next line. */
    add(line: AuditLine): void {
      const gap = line.number > last.number + 1;
      const listed = Math.min(line.number, last.number + mostBroken + 1);
      for (let missing = last.number + 1; missing < listed; missing += 1)
        report({ finding: 'missing', line: missing });
      unlisted += line.number - Math.max(listed, last.number + 1);
      const fits = hashOf(last.hash, line.number, tenant, line.event).equals(line.hash);
      if ((!fits && !gap) || idOf(line.event) !== line.eventId) {
        lastBroken = line.number;
        if (broken.length < mostBroken) broken.push({ line, previous: last.hash });
        else report({ finding: 'changed', line: line.number });
      } else if (gap) report({ finding: 'unverifiable', line: line.number });
      last = { number: line.number, hash: line.hash };
      lines += 1;
    },
    /** @param head the end as it was noted when the last line was written. */
    end(head: Anchor | undefined): { findings: Finding[]; unlisted: number; lines: number; last: Anchor } {
      const swaps = swapped(tenant, broken);
      findings.push(...swaps.findings);
      for (const { line } of broken)
        if (!swaps.explained.has(line.number)) findings.push({ finding: 'changed', line: line.number });
      if ((head?.number ?? 0) > last.number)
        findings.push({ finding: 'missing_at_end', line: last.number + 1, last: head?.number ?? 0 });
      else if (
        (head === undefined ? lines > 0 : head.number < last.number || !head.hash.equals(last.hash)) &&
        lastBroken !== last.number
      )
        findings.push({ finding: 'end_changed', line: last.number });
      return { findings: findings.sort((a, b) => a.line - b.line), unlisted, lines, last };
    },
  };
}

/** Pairs of broken lines that are right in each other's place: their events only, or all of the two lines. */
function swapped(
  tenant: string,
  broken: readonly Place[],
): { findings: Finding[]; explained: ReadonlySet<number> } {
  const findings: Finding[] = [];
  const explained = new Set<number>();
  for (const [place, one] of broken.entries())
    for (const other of broken.slice(place + 1)) {
      const [n, m] = [one.line.number, other.line.number];
      if (explained.has(n) || explained.has(m)) continue;
      const inPlaceOfOne = hashOf(one.previous, n, tenant, other.line.event);
      const adjacent = m === n + 1;
      const inPlaceOfOther = (previous: Buffer) => hashOf(previous, m, tenant, one.line.event);
      const events =
        inPlaceOfOne.equals(one.line.hash) && inPlaceOfOther(other.previous).equals(other.line.hash);
      const rows =
        inPlaceOfOne.equals(other.line.hash) &&
        inPlaceOfOther(adjacent ? inPlaceOfOne : other.previous).equals(one.line.hash);
      if (!events && !rows) continue;
      findings.push({ finding: 'swapped', line: n, with: m });
      explained.add(n).add(m);
      // The lines after them broke because the hashes before them moved.
      if (rows) for (const after of [n + 1, m + 1]) explainAfter(after, after === n + 1 ? other : one);
    }
  return { findings, explained };

  function explainAfter(number: number, truly: Place): void {
    const next = broken.find(({ line }) => line.number === number)?.line;
    if (next !== undefined && hashOf(truly.line.hash, number, tenant, next.event).equals(next.hash))
      explained.add(number);
  }
}

function idOf(event: string): unknown {
  try {
    return (JSON.parse(event) as { id?: unknown } | null)?.id;
  } catch {
    return undefined;
  }
}
