import { acceptedType, unsupportedType } from './accepted-type.ts';
import { createDirect } from './create-direct.ts';
import { createTicket } from './create-ticket.ts';
import type { Endpoint } from './endpoint.ts';
import { readRequestKey } from './idempotency.ts';
import { mediaType } from './request.ts';

/** `POST /v1/images`: a JSON body asks for a ticket to upload with, an image body is the upload. */
export const createImage: Endpoint<'createImage'> = async (call) => {
  const key = readRequestKey(call.request);
  const type = mediaType(call.request);
  if (type === 'application/json') return createTicket(call, key);
  const contentType = acceptedType(type, call.parts.settings);
  if (contentType !== undefined) return createDirect(call, contentType, key);
  throw unsupportedType('This Content-Type is not taken.', call.parts.settings, ['application/json']);
};
