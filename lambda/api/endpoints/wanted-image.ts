import { v7 as uuidv7 } from 'uuid';
import type { Settings } from '../../domain/settings.ts';
import { costs, type WantedImage } from '../admission/wanted.ts';
import { acceptedType, unsupportedType } from '../http/accepted-type.ts';
import type { TenantCall } from '../http/endpoint.ts';
import { Problem } from '../http/problem.ts';
import { valid } from '../http/validation.ts';
import { ticketRequest } from '../schemas/requests.ts';

/** A schema is compiled when it is first used, which takes longer than all of the rest of a request. */
const schemas = new WeakMap<Settings, ReturnType<typeof ticketRequest>>();

/**
 * The new image that the JSON of a ticket describes.
 * @throws Problem `invalid_request`, `unsupported_type`, `too_large`.
 */
export function wantedImage({ tenant, parts: { settings } }: TenantCall, value: unknown): WantedImage {
  const schema = schemas.get(settings) ?? ticketRequest(settings);
  schemas.set(settings, schema);
  const { bytes, sha256, metadata = {}, replaces, priority, ...wanted } = valid(schema, value);
  const presets = wanted.presets ?? Object.keys(settings.presets);
  const contentType = acceptedType(wanted.contentType, settings);
  if (contentType === undefined) throw unsupportedType('This contentType is not supported.', settings);
  const { maxBytes } = settings.limits;
  if (bytes > maxBytes) throw new Problem('too_large', `An image may have at most ${maxBytes} bytes.`);
  return {
    id: uuidv7(),
    tenant,
    contentType,
    bytes,
    sha256,
    presets,
    metadata,
    replaces,
    ticketSeconds: settings.uploads.ticketSeconds,
    ...costs(settings, { bytes, presets, priority }),
  };
}
