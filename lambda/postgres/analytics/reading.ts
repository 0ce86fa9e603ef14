import type { Connection } from '../connection/connection.ts';

/** A row of the roll-up; '' is "none". */
export interface UsageHour {
  hour: Date;
  type: string;
  preset: string;
  code: string;
  images: number;
  variants: number;
  bytes: number;
  megapixels: number;
  seconds: number;
}

/** The place of a row within its tenant's. */
export type UsageKey = Pick<UsageHour, 'hour' | 'type' | 'preset' | 'code'>;

// No type is empty, so the first row of an hour is behind its three empty texts.
const readStatement = {
  name: 'read usage',
  text: `select hour, type, preset, code, images, variants, bytes, megapixels, seconds from usage_hour
    where tenant_id = $1 and (hour, type, preset, code) > ($2, $3, $4, $5) and hour < $6
    order by hour, type, preset, code limit $7`,
};

/** The roll-up of a tenant from an instant up to another, in order of time. @param after begins behind this row */
export async function usageOfTenant(
  connection: Connection,
  {
    tenant,
    from,
    to,
    after,
    limit,
  }: { tenant: string; from: Date; to: Date; after?: UsageKey | undefined; limit: number },
): Promise<UsageHour[]> {
  const start =
    after === undefined || after.hour < from ? { hour: from, type: '', preset: '', code: '' } : after;
  const values = [tenant, start.hour, start.type, start.preset, start.code, to, limit];
  return (await connection.query<UsageHour>(readStatement, values)).rows;
}
