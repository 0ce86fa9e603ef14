import { auditHead, readLines } from '../postgres/audit/reading.ts';
import type { Connection } from '../postgres/connection/connection.ts';
import { type Anchor, type Finding, openTrailCheck } from './audit-trail.ts';

export interface AuditReport {
  tenant: string;
  /** Lines that were checked. */
  lines: number;
  findings: Finding[];
  /** Findings beyond the thousand that are listed. */
  unlisted: number;
  /** The last checked line as `number:hash`; note it to check from there, and that nothing before it is rewritten. */
  anchor: string;
  /** False if the time ended before the trail did: continue with `after`. */
  complete: boolean;
}

const pageSize = 1_000;
/** Leaves most of the function's 30 s for the statements under way. */
const checkMs = 15_000;

/**
 * Checks the trail of a tenant, whether it exists or not: the trail outlives it.
 * @param after an anchor of an earlier check.
 */
export async function verifyAudit(
  connection: Connection,
  { tenant, after }: { tenant: string; after?: string | undefined },
): Promise<AuditReport> {
  const until = Date.now() + checkMs;
  const head = await auditHead(connection, tenant);
  const start = after === undefined ? undefined : parseAnchor(after);
  if (start !== undefined && start.number > 0) {
    const [line] = await readLines(connection, { tenant, after: start.number - 1, limit: 1 });
    if (line?.number !== start.number || !line.hash.equals(start.hash))
      return {
        ...{ tenant, lines: 0, unlisted: 0, anchor: formatAnchor(start), complete: true },
        findings: [{ finding: 'anchor_differs', line: start.number }],
      };
  }
  const check = openTrailCheck(tenant, start);
  let at = start?.number ?? 0;
  for (;;) {
    const lines = await readLines(connection, { tenant, after: at, limit: pageSize });
    for (const line of lines) check.add(line);
    at = lines.at(-1)?.number ?? at;
    const complete = lines.length < pageSize;
    if (!complete && Date.now() < until) continue;
    // Lines that were appended since the end was read are checked against it too.
    const end = complete ? await freshHead(connection, tenant, head, at) : undefined;
    const { last, ...rest } = check.end(
      complete ? end : { ...(lines.at(-1) ?? { number: at, hash: Buffer.alloc(0) }) },
    );
    return { tenant, ...rest, anchor: formatAnchor(last), complete };
  }
}

/** The noted end; read again if lines were appended after it was read. */
async function freshHead(
  connection: Connection,
  tenant: string,
  head: Anchor | undefined,
  at: number,
): Promise<Anchor | undefined> {
  if ((head?.number ?? 0) >= at) return head;
  const now = await auditHead(connection, tenant);
  if (now === undefined || now.number <= at) return now;
  // Appended after the last page: not checked here, and not missing.
  return (await readLines(connection, { tenant, after: at - 1, limit: 1 }))[0];
}

const anchorPattern = /^(\d{1,15}):([0-9a-f]{64})$/;

/** The form of an anchor. */
export function isAnchor(text: string): boolean {
  return anchorPattern.test(text);
}

function parseAnchor(text: string): Anchor {
  const [, number, hash = ''] = anchorPattern.exec(text) ?? [];
  return { number: Number(number), hash: Buffer.from(hash, 'hex') };
}

const formatAnchor = ({ number, hash }: Anchor): string => `${number}:${hash.toString('hex')}`;
