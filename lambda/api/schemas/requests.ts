import * as z from 'zod';
import { acceptedTypes, imageStatuses, isImageId } from '../../domain/image.ts';
import { priorities } from '../../domain/preset.ts';
import type { Settings } from '../../domain/settings.ts';
import { largestPage, pageCursor, pageLimit } from './paging.ts';

/* Request bodies, queries and headers, each defined once: for validation and for the OpenAPI document. */

const metadataEntries = 20;
const metadataBytes = 2_048;

// jsonb of Postgres accepts neither NUL nor half a surrogate pair.
const storableText = (text: string) => text.isWellFormed() && !text.includes('\u0000');

// In characters, as JSON Schema counts them; zod would count in UTF-16.
const metadataName = z
  .string()
  .refine((name) => name !== '' && [...name].length <= 64, { error: 'a name has 1 to 64 characters' })
  .meta({ minLength: 1, maxLength: 64 });
const metadataText = z.string().meta({ pattern: '^[^\\u0000]*$' });

const metadata = z
  .record(metadataName, metadataText)
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
    description: `Custom names and values, returned with the image: at most ${metadataEntries}, ${metadataBytes} bytes of JSON.`,
  });

const replaces = z
  .string()
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/, 'is not 1 to 255 printable ASCII characters')
  .meta({
    description:
      'What the image stands for, such as `avatar/42`. Once the file of a newer image of that name has arrived, older ones that still wait end as `superseded`. The order is that in which the images were requested.',
  });

/** Names of configured presets: at least one, without duplicates. */
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
    .meta({ uniqueItems: true, description: 'Presets to make; default: all.' });
}

const priority = z.enum(priorities).meta({
  description: '`bulk` is refused first and admitted last, but never for ever. Default: that of the presets.',
});

/** The JSON body of `POST /v1/images`. */
export function ticketRequest(settings: Pick<Settings, 'presets' | 'limits' | 'inputs'>) {
  return z.strictObject({
    // The endpoint checks `enum` and `maximum`: other types and sizes are problems with codes of their own.
    contentType: z
      .string()
      .min(1)
      .max(255)
      .meta({ enum: acceptedTypes(settings), description: 'Content type of the file, in any case.' }),
    bytes: z.int().min(1).meta({
      maximum: settings.limits.maxBytes,
      description: 'Maximum size of the upload in bytes.',
    }),
    presets: presetNames(settings).optional(),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'is not 64 lower-case hex digits')
      .optional()
      .meta({ description: 'SHA-256 of the file in hex; the bucket refuses any other file.' }),
    metadata: metadata.optional(),
    replaces: replaces.optional(),
    priority: priority.optional(),
  });
}

/** Content types of an edit; both mean a merge patch. */
export const patchTypes = ['application/json', 'application/merge-patch+json'] as const;

/** The body of `PATCH /v1/images/{id}`, a merge patch (RFC 7396): null removes, what is absent stays. */
export const imagePatch = z.strictObject({
  metadata: z
    .record(metadataName, metadataText.nullable())
    .nullable()
    .optional()
    .meta({
      description: `Names and values to set; null removes a name, or all. The result has the limits of new metadata: at most ${metadataEntries} entries, ${metadataBytes} bytes of JSON.`,
    }),
  replaces: replaces.nullable().optional().meta({
    description: 'Only while the image waits (`awaiting_upload`, `queued`); null: it stands for nothing.',
  }),
});

/** Metadata after an edit. */
export const editedMetadata = metadata;

const mostTickets = 100;

/** The JSON body of `POST /v1/tickets`. Each ticket is checked by itself, by `ticketRequest`. */
export const ticketsRequest = z.strictObject({ tickets: z.array(z.unknown()).min(1).max(mostTickets) });

/** The query of `POST /v1/images` with an image as the body: `?presets=a,b`. */
export function directQuery(settings: Pick<Settings, 'presets'>) {
  return z.strictObject({
    presets: z
      .string()
      .transform((text) => text.split(','))
      .pipe(presetNames(settings))
      .optional()
      .meta({ description: 'Presets to make, separated by commas; default: all. Only with an image body.' }),
    priority: priority.optional(),
  });
}

const notAnId = ({ input }: { input?: unknown }) =>
  `"${String(input).slice(0, 64)}" is not the ID of an image`;

/** The query of `GET /v1/images`. */
export const listQuery = z.strictObject({
  ids: z
    .string()
    .transform((text) => text.split(','))
    .refine((ids) => ids.length <= largestPage, { error: `has more than ${largestPage} IDs`, abort: true })
    .pipe(
      z
        .array(z.string().refine(isImageId, { error: notAnId }).meta({ format: 'uuid' }))
        .refine((ids) => new Set(ids).size === ids.length, 'has an ID twice'),
    )
    .optional()
    .meta({
      minItems: 1,
      maxItems: largestPage,
      uniqueItems: true,
      description: `These images instead of a page: at most ${largestPage} IDs, separated by commas. Only \`include\` may be added.`,
    }),
  status: z.enum(imageStatuses).optional().meta({ description: 'Only images with this status.' }),
  limit: pageLimit('images'),
  cursor: pageCursor(),
  include: z.enum(['variants']).optional().meta({
    description:
      '`variants` adds the variants with their URLs; a page then ends at 600 of them, and with `ids` the images after the 600th have none.',
  }),
});

export const longestWait = 20;
const notAWait = `is not a number of seconds from 1 to ${longestWait}`;

const waitOf = (what: string, more = '') =>
  z
    .string()
    .regex(/^[1-9]\d?$/, notAWait)
    .transform(Number)
    .pipe(z.int(notAWait).min(1, notAWait).max(longestWait, notAWait))
    .optional()
    .meta({ description: `Seconds for which the response may be held until ${what}. ${more}`.trim() });

/** The query of `GET /v1/images/{id}`. */
export const imageQuery = z.strictObject({ wait: waitOf('the image changes') });

const largestSequence = 1_000_000_000;
const notASequence = `is not a number from 0 to ${largestSequence}`;

const sequence = z
  .string()
  .regex(/^\d{1,10}$/, notASequence)
  .transform(Number)
  .pipe(z.int(notASequence).min(0, notASequence).max(largestSequence, notASequence));

/** The query of `GET /v1/images/{id}/events`. */
export const eventsQuery = z.strictObject({
  after: sequence.optional().meta({ description: 'The `sequence` of the last event that is known.' }),
  wait: waitOf('there is an event', `Default: 0, and ${longestWait} with \`text/event-stream\`.`),
});

/** A query without parameters. An unknown name is probably misspelt. */
export const emptyQuery = z.strictObject({});

/** Bytes of the digests that are checked. */
export const digestBytes = { md5: 16, sha256: 32, sha512: 64 } as const;

/** A regular expression for this many bytes (no multiple of 3) in base64; unused bits of the last digit are 0. */
export function base64Pattern(bytes: number): string {
  const last = bytes % 3 === 1 ? '[AQgw]==' : '[AEIMQUYcgkosw048]=';
  return `[A-Za-z0-9+/]{${Math.floor((bytes * 4) / 3)}}${last}`;
}

/** A regular expression for an ETag in ASCII, as ours are (RFC 9110 allows more). */
export const etagPattern = String.raw`(?:W/)?"[\x21\x23-\x7e]*"`;

/** Request headers with a meaning of their own here. */
export const requestHeaders = {
  // HTTP removes spaces around the value.
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/)
    .meta({
      description:
        'Makes repeating a request safe: for a day the same key and request return the same image or webhook, and the same export while that is kept. Use a new key for each.',
    }),
  'If-None-Match': z.string().meta({ description: 'An ETag; 304 if it is still current.' }),
  'If-Match': z.string().meta({
    pattern: `^(?:\\*|${etagPattern}(?:[ \\t]*,[ \\t]*${etagPattern})*)$`,
    examples: ['*'],
    description:
      'The ETag of the image as it was read (GET, or an earlier edit), a list of several, or `*` for any. Only edits make it outdated, not the progress of processing.',
  }),
  'Last-Event-ID': sequence.meta({
    description:
      'The `id` of the last event that an EventSource has, sent by itself. The later of this and `after` counts.',
  }),
  'Content-MD5': z
    .string()
    .regex(new RegExp(`^${base64Pattern(digestBytes.md5)}$`))
    .meta({
      examples: ['1B2M2Y8AsgTpgAmY7PhCfg=='],
      description: 'MD5 of the body in base64; a mismatch is a `digest_mismatch`.',
    }),
  'Content-Digest': z
    .string()
    .regex(
      new RegExp(
        `^(?:sha-256=:${base64Pattern(digestBytes.sha256)}|sha-512=:${base64Pattern(digestBytes.sha512)}):$`,
      ),
    )
    .meta({
      examples: ['sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'],
      description: 'SHA-256 or SHA-512 of the body (RFC 9530); a mismatch is a `digest_mismatch`.',
    }),
  'X-Sluice-Replaces': replaces.meta({ description: '`replaces` for an image body.' }),
  'X-Sluice-Metadata': metadata.meta({
    description: '`metadata` for an image body: a JSON object in ASCII, other characters as \\uXXXX.',
  }),
};
export type RequestHeader = keyof typeof requestHeaders;
