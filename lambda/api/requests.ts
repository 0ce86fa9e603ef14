import * as z from 'zod';
import { imageStatuses } from '../domain/image.ts';
import type { Settings } from '../domain/settings.ts';
import { acceptedTypes } from './accepted-type.ts';
import { readCursor } from './cursor.ts';

/* What the API takes. The OpenAPI document is made from these schemas. */

const metadataEntries = 20;
const metadataBytes = 2_048;

// Postgres keeps neither NUL nor half a surrogate pair in jsonb.
const storableText = (text: string) => text.isWellFormed() && !text.includes('\u0000');

/** The tenant's own names and values, in either form of POST. */
export const metadata = z
  .record(
    // In characters, as JSON Schema counts them; zod would count in UTF-16.
    z
      .string()
      .refine((name) => name !== '' && [...name].length <= 64, { error: 'a name has 1 to 64 characters' })
      .meta({ minLength: 1, maxLength: 64 }),
    z.string().meta({ pattern: '^[^\\u0000]*$' }),
  )
  .refine((all) => Object.keys(all).length <= metadataEntries, {
    error: `has more than ${metadataEntries} entries`,
  })
  .refine((all) => Buffer.byteLength(JSON.stringify(all)) <= metadataBytes, {
    error: `is longer than ${metadataBytes} bytes of JSON`,
  })
  .refine((all) => Object.entries(all).flat().every(storableText), {
    error: 'contains a character that is not allowed (U+0000 or half a surrogate pair)',
  })
  .meta({
    maxProperties: metadataEntries,
    description: `Your own names and values, given back with the image: at most ${metadataEntries}, ${metadataBytes} bytes in all.`,
  });

/** Names of configured presets, none twice, at least one. */
function presetNames(settings: Pick<Settings, 'presets'>) {
  const known = Object.keys(settings.presets);
  return z
    .array(
      z.enum(known, {
        error: ({ input }) =>
          `no preset is named "${String(input).slice(0, 64)}"; there are ${known.join(', ')}`,
      }),
    )
    .min(1)
    .refine((names) => new Set(names).size === names.length, { error: 'names a preset twice' })
    .meta({ uniqueItems: true, description: 'Presets to make; all of them when absent.' });
}

/** The body of `POST /v1/images` in its JSON form. */
export function ticketRequest(settings: Pick<Settings, 'presets' | 'limits' | 'inputs'>) {
  return z.strictObject({
    // Held to these by the endpoint, which has a problem of its own for another type or size.
    contentType: z
      .string()
      .min(1)
      .max(255)
      .meta({
        enum: acceptedTypes(settings),
        description: 'The type the file will be uploaded with, in any case.',
      }),
    bytes: z.int().min(1).meta({
      maximum: settings.limits.maxBytes,
      description: 'Size of the file in bytes; the upload may be smaller, not larger.',
    }),
    presets: presetNames(settings).optional(),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'is not 64 lower-case hex digits')
      .optional()
      .meta({ description: 'SHA-256 of the file; the bucket refuses a file that has another one.' }),
    metadata: metadata.optional(),
  });
}

/** The query of `POST /v1/images` with an image as the body: `?presets=a,b`. */
export function directQuery(settings: Pick<Settings, 'presets'>) {
  return z.strictObject({
    presets: z
      .string()
      .transform((text) => text.split(','))
      .pipe(presetNames(settings))
      .optional(),
  });
}

/** The query of `GET /v1/images`. */
export const listQuery = z.strictObject({
  status: z.enum(imageStatuses).optional(),
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|100)$/, 'is not a number from 1 to 100')
    .transform(Number)
    .default(20),
  cursor: z
    .string()
    .transform((text, context) => {
      const before = readCursor(text);
      if (before !== undefined) return before;
      context.addIssue('is not a cursor of this API');
      return z.NEVER;
    })
    .optional(),
  include: z.enum(['variants']).optional(),
});

/** A query that takes no parameters: an unknown name is most likely misspelt. */
export const emptyQuery = z.strictObject({});
