import { imageStatuses } from '../domain/image.ts';
import type { Settings } from '../domain/settings.ts';
import { cursorPattern } from './cursor.ts';
import type { JsonSchema } from './json-schema.ts';
import type { ParameterName } from './operations.ts';

const json = 'application/json';
const uuid = { type: 'string', format: 'uuid' };

/** Parameters of the OpenAPI document. What they are held to is in `requests.ts`; the fuzzer holds the two together. */
export function parameters(
  { presets }: Pick<Settings, 'presets'>,
  metadata: JsonSchema,
): Record<ParameterName, JsonSchema> {
  const path = (schema: JsonSchema, description: string) => ({
    in: 'path',
    required: true,
    description,
    schema,
  });
  const query = (schema: JsonSchema, description: string) => ({ in: 'query', description, schema });
  const header = (schema: JsonSchema, description: string) => ({ in: 'header', description, schema });
  return {
    id: path(uuid, 'Of the image.'),
    proxy: path({ type: 'string' }, 'Path of the file.'),
    status: query({ type: 'string', enum: imageStatuses }, 'Only images with this status.'),
    limit: query({ type: 'integer', minimum: 1, maximum: 100, default: 20 }, 'Images on a page at the most.'),
    cursor: query(
      { type: 'string', pattern: cursorPattern.source, format: 'sluice-cursor' },
      'The `nextCursor` of the page before, as it was given.',
    ),
    include: query(
      { type: 'string', enum: ['variants'] },
      '`variants` gives each image its variants with their URLs, as GET of an image does. A page ends early at 600 of them.',
    ),
    presets: {
      ...query(
        { type: 'array', items: { enum: Object.keys(presets) }, minItems: 1, uniqueItems: true },
        'Presets to make, with commas between them; all when absent. With an image as the body only.',
      ),
      style: 'form',
      explode: false,
    },
    'Idempotency-Key': header(
      { type: 'string', pattern: '^[\\x21-\\x7e](?:[\\x20-\\x7e]{0,253}[\\x21-\\x7e])?$' },
      'Makes a repetition safe: the same key and request have the same image for a day. A new key for each new image.',
    ),
    'If-None-Match': header({ type: 'string' }, 'An ETag; 304 where nothing has changed since.'),
    'Content-MD5': header(
      { type: 'string', pattern: '^[A-Za-z0-9+/]{21}[AQgw]==$', examples: ['1B2M2Y8AsgTpgAmY7PhCfg=='] },
      'MD5 of the body in base64. Another body is refused with `digest_mismatch`.',
    ),
    'Content-Digest': header(
      {
        type: 'string',
        pattern: '^sha-(?:256=:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=|512=:[A-Za-z0-9+/]{85}[AQgw]==):$',
        examples: ['sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'],
      },
      'SHA-256 or SHA-512 of the body as RFC 9530 writes it. Another body is refused with `digest_mismatch`.',
    ),
    'X-Sluice-Metadata': {
      in: 'header',
      description:
        'The `metadata` of an image that is itself the body: a JSON object in ASCII, other characters as \\uXXXX.',
      content: { [json]: { schema: metadata } },
    },
  };
}

/** Headers of answers. */
export const answerHeaders: Record<string, { description: string; schema: JsonSchema }> = {
  Location: { description: 'Of the image.', schema: { type: 'string' } },
  'Idempotency-Replayed': {
    description: '`true` if this repeats an earlier response and nothing new was created.',
    schema: { enum: ['true'] },
  },
  ETag: { description: 'ETag of the response, for If-None-Match.', schema: { type: 'string' } },
  'Retry-After': {
    description: 'Seconds to wait before the next request.',
    schema: { type: 'integer', minimum: 1 },
  },
  Allow: { description: 'The methods that are allowed here.', schema: { type: 'string' } },
  'WWW-Authenticate': {
    description: 'The challenge `Bearer`. API Gateway on AWS sends it as x-amzn-Remapped-WWW-Authenticate.',
    schema: { type: 'string' },
  },
};
