import * as z from 'zod';
import { eventSource, eventTypes } from '../../domain/event.ts';
import { acceptedContentTypes, formatChoices, imageStatuses, variantFormats } from '../../domain/image.ts';
import { fits, presetFormats } from '../../domain/preset.ts';
import { problems } from '../../domain/problems.ts';
import { imageErrorCodes } from './image-errors.ts';

/* Response schemas: endpoints use their types; the OpenAPI document and the tests use the schemas. */

const id = z.uuid();
const time = z.iso.datetime();
const status = z.enum(imageStatuses);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const side = z.int().min(1);

export const ticketResponse = z.strictObject({
  id,
  status: z.literal('awaiting_upload'),
  upload: z.strictObject({ url: z.url(), fields: z.record(z.string(), z.string()), expiresAt: time }).meta({
    description: 'A presigned POST: send the fields as multipart/form-data, the file last as "file".',
  }),
});

/** For a repeated ticket request after the file has arrived. */
export const uploadedResponse = z.strictObject({
  id,
  status: status.exclude(['awaiting_upload', 'expired']),
});

export const directResponse = z.strictObject({ id, status: z.literal('queued') });

const original = z.strictObject({
  contentType: z.string(),
  bytes: z.int().min(0),
  width: side.nullable(),
  height: side.nullable(),
  frames: side.nullable().meta({ description: 'More than 1 in an animation.' }),
});
const placeholder = z
  .strictObject({
    color: z
      .string()
      .regex(/^#[0-9a-f]{6}$/)
      .meta({ description: 'The dominant colour.' }),
    thumbhash: z.string().optional().meta({ description: 'ThumbHash, in base64.' }),
    blurhash: z.string().optional().meta({ description: 'BlurHash.' }),
  })
  .meta({ description: 'Shown until a variant is loaded.' });
export const imageError = z.strictObject({ code: z.enum(imageErrorCodes), detail: z.string() });

/** An image in a list, by default without its variants, whose URLs are signed one by one. */
export const imageSummary = z.strictObject({
  id,
  status,
  createdAt: time,
  updatedAt: time,
  original: original.meta({
    description: 'As declared until the file is read; width and height after EXIF orientation.',
  }),
  placeholder: placeholder.nullable().meta({ description: 'Null until the file is read.' }),
  presets: z.array(z.string()),
  metadata: z.record(z.string(), z.string()),
  pending: z
    .array(z.strictObject({ preset: z.string(), format: z.enum(formatChoices) }))
    .optional()
    .meta({
      description:
        'Variants that follow: the image is `ready` with the others. One that is also in `variants` is made anew with more effort, under another URL. `modern` becomes AVIF or WebP, or nothing if the JPEG or PNG is smaller.',
    }),
  replaces: z.string().optional().meta({ description: 'What the image stands for, as requested.' }),
  supersededBy: id.optional().meta({
    description:
      'The newer image of the same name because of which this one is `superseded`. Whatever becomes of that one, this one stays so.',
  }),
  error: imageError.optional(),
});

const variant = z.strictObject({
  preset: z.string(),
  format: z.enum(variantFormats),
  contentType: z.string(),
  width: side,
  height: side,
  frames: side.meta({ description: 'More than 1 if it is animated.' }),
  bytes: z.int().min(1),
  sha256,
  url: z.url().meta({ description: 'A presigned GET.' }),
  urlExpiresAt: time.meta({ description: 'End of the URL; request the image again for a new one.' }),
});
export const imageResponse = imageSummary.extend({ variants: z.array(variant) });

export const listResponse = z.strictObject({
  images: z.array(imageSummary.extend({ variants: z.array(variant).optional() })),
  nextCursor: z.string().nullable().meta({ description: 'Null on the last page.' }),
  missing: z.array(id).optional().meta({
    description:
      'Only with `ids`: those of no image of yours. They never existed, were deleted, or are of another tenant.',
  }),
});

export const deleteResponse = z.strictObject({ id });

/** An event, as domain/event.ts describes it. */
export const imageEvent = z.strictObject({
  specversion: z.literal('1.0'),
  id,
  source: z.literal(eventSource),
  type: z.enum(eventTypes),
  subject: id.meta({ description: 'ID of the image.' }),
  time,
  datacontenttype: z.literal('application/json'),
  dataschema: z.string(),
  tenant: z.string(),
  sequence: z
    .string()
    .regex(/^[1-9]\d*$/)
    .meta({ description: '1, 2, … within the image, without gaps.' }),
  data: z.strictObject({
    id,
    tenant: z.string(),
    status: z.enum([...imageStatuses, 'deleted']),
    createdAt: time,
    ageSeconds: z.number().min(0),
    declared: z.strictObject({ contentType: z.string(), bytes: z.int().min(0) }),
    metadata: z.record(z.string(), z.string()),
    original: z
      .strictObject({ contentType: z.string(), bytes: z.int().min(0), width: side, height: side })
      .optional(),
    variants: z
      .array(
        z.strictObject({
          preset: z.string(),
          format: z.string(),
          width: side,
          height: side,
          bytes: z.int().min(1),
        }),
      )
      .optional(),
    error: z.strictObject({ code: z.string(), detail: z.string() }).optional(),
    supersededBy: id.optional(),
  }),
});
export const eventsResponse = z.strictObject({ id, events: z.array(imageEvent) });

export const presetsResponse = z.strictObject({
  presets: z.array(
    z.strictObject({
      name: z.string(),
      width: side.nullable(),
      height: side.nullable(),
      fit: z.enum(fits),
      formats: z.array(z.enum(presetFormats)),
      watermarked: z.boolean(),
    }),
  ),
  acceptedContentTypes: z.array(z.enum(acceptedContentTypes)),
  limits: z.strictObject({ maxBytes: side, maxDirectBytes: side, maxPixels: side, maxSide: side }),
});

export const healthResponse = z.strictObject({ status: z.literal('ok') });

export const problemBody = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  code: z.enum(Object.keys(problems) as [keyof typeof problems]),
  errors: z.array(z.strictObject({ path: z.string(), detail: z.string() })).optional(),
  'violated-policies': z
    .array(z.string())
    .optional()
    .meta({ description: 'The policies of RateLimit-Policy that were exceeded.' }),
});

const ticketProblem = problemBody.omit({ instance: true }).extend({
  retryAfter: z.int().min(1).optional().meta({
    description: 'Seconds after which to request this ticket again, in a new request.',
  }),
});

/** The results of `POST /v1/tickets`. */
export const ticketsResponse = z.strictObject({
  tickets: z
    .array(z.union([ticketResponse, uploadedResponse, z.strictObject({ problem: ticketProblem })]))
    .min(1)
    .meta({ description: 'For each ticket of the request, in its order: the ticket, or why there is none.' }),
});
