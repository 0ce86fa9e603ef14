import type { Connection } from '../connection/connection.ts';

/** A line of a tenant's trail. */
export interface AuditLine {
  number: number;
  eventId: string;
  event: string;
  hash: Buffer;
  writtenAt: Date;
}

const readStatement = {
  name: 'read audit',
  text: `select number, event_id as "eventId", event, hash, written_at as "writtenAt" from audit_line
    where tenant_id = $1 and number > $2 order by number limit $3`,
};

/** Lines after a number, in their order. */
export async function readLines(
  connection: Connection,
  { tenant, after, limit }: { tenant: string; after: number; limit: number },
): Promise<AuditLine[]> {
  return (await connection.query<AuditLine>(readStatement, [tenant, after, limit])).rows;
}

/** The last line's number and hash as they were noted when it was written; undefined for a tenant without events. */
export async function auditHead(
  connection: Connection,
  tenant: string,
): Promise<{ number: number; hash: Buffer } | undefined> {
  const { rows } = await connection.query<{ number: number; hash: Buffer }>(
    'select number, hash from audit_head where tenant_id = $1',
    [tenant],
  );
  return rows[0];
}
