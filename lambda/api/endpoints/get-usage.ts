import type * as z from 'zod';
import type { EventType } from '../../domain/event.ts';
import { csvType } from '../../domain/export.ts';
import { mostCsvRows, usageCsv } from '../../domain/usage-csv.ts';
import { usageOfTenant } from '../../postgres/analytics/reading.ts';
import type { ApiParts, Endpoint } from '../http/endpoint.ts';
import { invalid } from '../http/problem.ts';
import { type ApiResponse, json } from '../http/response.ts';
import { validQuery } from '../http/validation.ts';
import {
  makeUsageCursor,
  readUsageCursor,
  usageQuery,
  usageRange,
  type usageResponse,
} from '../schemas/usage.ts';

/** `GET /v1/usage?from=&to=&limit=&cursor=&format=`: the roll-up of the caller's tenant that `analytics` writes. */
export const getUsage: Endpoint<'getUsage'> = async ({ request, parts, tenant }) => {
  const { limit, cursor, format, ...ends } = validQuery(usageQuery, request);
  const { from, to } = usageRange(ends, Date.now());
  if (format === 'csv') return csvOf(parts, { tenant, from, to });
  const after = cursor === undefined ? undefined : readUsageCursor(cursor);
  // One more than the page shows whether there is a next one.
  const found = await parts.database.run((connection) =>
    usageOfTenant(connection, { tenant, from, to, after, limit: limit + 1 }),
  );
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const usage = page.map(({ hour, type, preset, code, ...numbers }) => ({
    hour: hour.toISOString(),
    // Analytics refuses other types.
    type: type as EventType,
    ...(preset === '' ? {} : { preset }),
    ...(code === '' ? {} : { code }),
    ...numbers,
  }));
  const nextCursor = found.length > page.length && last !== undefined ? makeUsageCursor(last) : null;
  const body = { from: from.toISOString(), to: to.toISOString(), usage, nextCursor };
  return json(200, body satisfies z.input<typeof usageResponse>);
};

async function csvOf(
  { database }: ApiParts,
  scope: { tenant: string; from: Date; to: Date },
): Promise<ApiResponse> {
  const found = await database.run((connection) =>
    usageOfTenant(connection, { ...scope, limit: mostCsvRows + 1 }),
  );
  if (found.length > mostCsvRows)
    throw invalid([
      { path: 'to', detail: `the range has more than ${mostCsvRows} rows; ask for fewer days` },
    ]);
  const rows = found.map((row) => ({ ...row, hour: row.hour.toISOString() }));
  return {
    status: 200,
    headers: {
      'Content-Type': csvType,
      'Content-Disposition': `attachment; filename="usage-${scope.from.toISOString().slice(0, 10)}.csv"`,
      'Cache-Control': 'no-store',
    },
    body: usageCsv(rows),
  };
}
