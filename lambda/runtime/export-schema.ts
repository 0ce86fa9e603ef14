import * as z from 'zod';
import { type ExportSelection, exportColumns, exportSnapshots, longestRangeDays } from '../domain/export.ts';
import { imageStatuses } from '../domain/image.ts';

/* What a request for an export may ask for, for the stream (a query) and for a job (JSON). */

const mostKeys = 20;
const dayMs = 86_400_000;

const distinct = <Value>(values: readonly Value[]) => new Set(values).size === values.length;
const shown = (input: unknown) => String(input).slice(0, 64);

const columns = z
  .array(
    z.enum(exportColumns, {
      error: ({ input }) => `no column is named "${shown(input)}"; there are ${exportColumns.join(', ')}`,
    }),
  )
  .min(1, 'names no column')
  .refine(distinct, 'names a column twice')
  .meta({ uniqueItems: true });
const statuses = z
  .array(
    z.enum(imageStatuses, {
      error: ({ input }) => `no status is named "${shown(input)}"; there are ${imageStatuses.join(', ')}`,
    }),
  )
  .min(1, 'names no status')
  .refine(distinct, 'names a status twice')
  .meta({ uniqueItems: true });
// In characters, as the keys of metadata are counted; jsonb accepts neither NUL nor half a surrogate pair.
const key = z
  .string()
  .refine(
    (text) => text !== '' && [...text].length <= 64 && text.isWellFormed() && !text.includes('\u0000'),
    'is not a key of metadata: 1 to 64 characters',
  )
  .meta({ minLength: 1, maxLength: 64 });
const keys = (one: typeof key) =>
  z
    .array(one)
    .max(mostKeys, `has more than ${mostKeys} keys`)
    .refine(distinct, 'names a key twice')
    .meta({ uniqueItems: true });
const years = /^(19|2[01])/;
/** An end of a range of time. */
export const instant = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], {
    error: 'is not a date (2026-11-29) or a time with an offset (2026-11-29T22:00:00Z)',
  })
  .refine((text) => years.test(text), 'is not of the years 1900 to 2199')
  .meta({ pattern: years.source });

const about = {
  columns: `Columns in this order; default: all but \`metadata\`. \`metadata\` is the whole of it, as JSON.`,
  status: 'Only images with one of these statuses; default: all.',
  from: 'Only images created at this time (UTC if it is a date) or later.',
  to: `Only images created before this time. From \`from\` to \`to\` at most ${longestRangeDays} days; without either there is no limit.`,
  metadata: `Keys of metadata, each a column \`metadata.<key>\` after the others; at most ${mostKeys}.`,
  snapshot:
    '`pages`: each page of rows as it is when it is read. `consistent`: all images as they are at the start; the database keeps their old versions until the end.',
};

const list = <Schema extends z.ZodType<unknown, string[]>>(schema: Schema) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(schema);

interface Range {
  from?: string | undefined;
  to?: string | undefined;
}

/** Both ends are valid by themselves. */
function checkRange({ from, to }: Range, context: z.RefinementCtx): void {
  if (from === undefined || to === undefined) return;
  const days = (Date.parse(to) - Date.parse(from)) / dayMs;
  if (Number.isNaN(days)) return;
  if (days <= 0) context.addIssue({ code: 'custom', path: ['to'], message: 'is not after "from"' });
  if (days > longestRangeDays)
    context.addIssue({
      code: 'custom',
      path: ['to'],
      message: `is ${Math.ceil(days)} days after "from"; at most ${longestRangeDays}. For all images leave both out`,
    });
}

const snapshot = z.enum(exportSnapshots).default('pages').meta({ description: about.snapshot });

/** The query of `GET /v1/exports/images.csv`; lists are separated by commas. */
export const exportQuery = z
  .strictObject({
    columns: list(columns).optional().meta({ description: about.columns }),
    status: list(statuses).optional().meta({ description: about.status }),
    from: instant.optional().meta({ description: about.from }),
    to: instant.optional().meta({ description: about.to }),
    // An empty text is a list with an empty key, and a comma ends a key: those with one need the body of a job.
    metadata: list(keys(key.meta({ pattern: '^[^,]*$' })).min(1))
      .optional()
      .meta({ description: about.metadata }),
    snapshot,
  })
  .superRefine(checkRange);

/** The JSON body of `POST /v1/exports`. */
export const exportRequest = z
  .strictObject({
    columns: columns.optional().meta({ description: about.columns }),
    status: statuses.optional().meta({ description: about.status }),
    from: instant.optional().meta({ description: about.from }),
    to: instant.optional().meta({ description: about.to }),
    metadata: keys(key).optional().meta({ description: about.metadata }),
  })
  .superRefine(checkRange);

/** The selection of a valid request. */
export function selectionOf(request: z.output<typeof exportRequest>): ExportSelection {
  const { from, to } = request;
  return {
    columns: request.columns ?? exportColumns.filter((column) => column !== 'metadata'),
    metadata: request.metadata ?? [],
    ...(request.status === undefined ? {} : { status: request.status }),
    ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
    ...(to === undefined ? {} : { to: new Date(to).toISOString() }),
  };
}
