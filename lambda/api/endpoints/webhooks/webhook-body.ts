import type * as z from 'zod';
import { checkDigests } from '../../http/body-digest.ts';
import { requirePlainBody } from '../../http/plain-body.ts';
import { Problem } from '../../http/problem.ts';
import { type ApiRequest, mediaType } from '../../http/request.ts';
import { jsonBody, valid, validQuery } from '../../http/validation.ts';
import { emptyQuery } from '../../schemas/requests.ts';

/** A URL of 2 KB and a description of 200 characters, each of which may be escaped. */
const maxBytes = 16_384;

/** Reads the JSON body of a request about a webhook. @throws Problem */
export function webhookBody<Schema extends z.ZodType>(
  request: ApiRequest,
  schema: Schema,
  types: readonly string[] = ['application/json'],
): z.output<Schema> {
  requirePlainBody(request);
  if (!types.includes(mediaType(request)))
    throw new Problem('unsupported_type', `Send the body as ${types.join(' or ')}.`);
  validQuery(emptyQuery, request);
  if (request.body.length > maxBytes)
    throw new Problem('too_large', `The body may have at most ${maxBytes} bytes.`);
  checkDigests(request);
  return valid(schema, jsonBody(request));
}
