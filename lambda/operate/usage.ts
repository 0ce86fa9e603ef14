import { type UsageHour, usageOfTenant } from '../postgres/analytics/reading.ts';
import type { Connection } from '../postgres/connection/connection.ts';

/** A response has at most 6 MB. */
const mostRows = 10_000;

/** The roll-up of the last hours of a tenant, the current one included. The roll-up outlives the tenant. */
export async function showUsage(
  connection: Connection,
  { tenant, hours }: { tenant: string; hours: number },
): Promise<{ tenant: string; usage: UsageHour[]; more: boolean }> {
  const to = new Date();
  const from = new Date(to.getTime() - (hours - 1) * 3_600_000);
  from.setUTCMinutes(0, 0, 0);
  const usage = await usageOfTenant(connection, { tenant, from, to, limit: mostRows });
  return { tenant, usage, more: usage.length === mostRows };
}
