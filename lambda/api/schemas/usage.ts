import * as z from 'zod';
import { eventTypes } from '../../domain/event.ts';
import { mostCsvRows } from '../../domain/usage-csv.ts';
import type { UsageKey } from '../../postgres/analytics/reading.ts';
import { instant } from '../../runtime/export-schema.ts';
import { pageCursor, pageLimit } from './paging.ts';

/* The query and the response of `GET /v1/usage`. */

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const longestDays = 31;

const cursorForm = /^[A-Za-z0-9_-]{1,512}$/;
const keySchema = z.tuple([z.iso.datetime(), z.string(), z.string(), z.string()]);

/** The cursor of the page that begins after this row: its key in base64url. */
export function makeUsageCursor({ hour, type, preset, code }: UsageKey): string {
  return Buffer.from(JSON.stringify([hour.toISOString(), type, preset, code])).toString('base64url');
}

/** The key in a cursor; undefined for anything that `makeUsageCursor` did not make. */
export function readUsageCursor(text: string): UsageKey | undefined {
  if (!cursorForm.test(text)) return undefined;
  try {
    const parsed = keySchema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    if (!parsed.success) return undefined;
    const [hour, type, preset, code] = parsed.data;
    const key = { hour: new Date(hour), type, preset, code };
    return makeUsageCursor(key) === text && !parsed.data.join('').includes('\u0000') ? key : undefined;
  } catch {
    return undefined;
  }
}

export const usageQuery = z
  .strictObject({
    from: instant.optional().meta({
      description:
        'Only hours that begin at this time (UTC if it is a date) or later. Default: 24 hours before `to`.',
    }),
    to: instant.optional().meta({
      description: `Only hours that begin before this time, at most ${longestDays} days after \`from\`. Default: 24 hours after \`from\`; without either, now.`,
    }),
    limit: pageLimit('rows'),
    cursor: pageCursor({ read: readUsageCursor, pattern: cursorForm }),
    format: z
      .enum(['json', 'csv'])
      .default('json')
      .meta({ description: `\`csv\` returns all rows at once, at most ${mostCsvRows}; it has no pages.` }),
  })
  .superRefine(({ from, to, cursor, format }, context) => {
    if (format === 'csv' && cursor !== undefined)
      context.addIssue({ code: 'custom', path: ['cursor'], message: 'goes with "format=json" only' });
    if (from === undefined || to === undefined) return;
    const days = (Date.parse(to) - Date.parse(from)) / dayMs;
    const message =
      days <= 0 ? 'is not after "from"' : `is ${Math.ceil(days)} days after "from"; at most ${longestDays}`;
    if (days <= 0 || days > longestDays) context.addIssue({ code: 'custom', path: ['to'], message });
  });

/** The range of a valid query. Without ends: the hour of `now` and the 23 before it. */
export function usageRange(
  { from, to }: { from?: string | undefined; to?: string | undefined },
  now: number,
) {
  if (from !== undefined) {
    const start = new Date(from);
    return { from: start, to: to === undefined ? new Date(start.getTime() + dayMs) : new Date(to) };
  }
  const end = to === undefined ? (Math.floor(now / hourMs) + 1) * hourMs : Date.parse(to);
  return { from: new Date(end - dayMs), to: new Date(end) };
}

const time = z.iso.datetime();

export const usageResponse = z.strictObject({
  from: time,
  to: time,
  usage: z.array(
    z.strictObject({
      hour: time.meta({ description: 'Its beginning (UTC).' }),
      type: z.enum(eventTypes),
      preset: z.string().optional().meta({ description: 'Of variants; absent in rows that count images.' }),
      code: z.string().optional().meta({ description: 'Error code of rejected and failed images.' }),
      images: z.int().min(0),
      variants: z.int().min(0),
      bytes: z.int().min(0).meta({ description: 'Of originals or variants; declared until they are known.' }),
      megapixels: z.number().min(0),
      seconds: z.number().min(0).meta({ description: 'From admission to the event, added up.' }),
    }),
  ),
  nextCursor: z.string().nullable().meta({ description: 'Null on the last page.' }),
});
