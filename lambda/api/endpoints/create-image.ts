import { readRequestKey } from '../admission/idempotency.ts';
import { acceptedType, unsupportedType } from '../http/accepted-type.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { requirePlainBody } from '../http/plain-body.ts';
import { mediaType } from '../http/request.ts';
import { createDirect } from './create-direct.ts';
import { createTicket } from './create-ticket.ts';

/** `POST /v1/images`: a JSON body requests a ticket, an image body is the upload. */
export const createImage: Endpoint<'createImage'> = async (call) => {
  requirePlainBody(call.request);
  const key = readRequestKey(call.request);
  const type = mediaType(call.request);
  if (type === 'application/json') return createTicket(call, key);
  const contentType = acceptedType(type, call.parts.settings);
  if (contentType !== undefined) return createDirect(call, contentType, key);
  throw unsupportedType('This Content-Type is not supported.', call.parts.settings, ['application/json']);
};
