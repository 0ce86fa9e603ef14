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

const readStatement = {
  name: 'read usage',
  text: `select hour, type, preset, code, images, variants, bytes, megapixels, seconds from usage_hour
    where tenant_id = $1 and hour >= $2 and hour < $3 order by hour, type, preset, code limit $4`,
};

/** The roll-up of a tenant from an instant up to another, in order of time. */
export async function usageOfTenant(
  connection: Connection,
  { tenant, from, to, limit }: { tenant: string; from: Date; to: Date; limit: number },
): Promise<UsageHour[]> {
  return (await connection.query<UsageHour>(readStatement, [tenant, from, to, limit])).rows;
}
