import type * as z from 'zod';
import { acceptedTypes } from '../../domain/image.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { json } from '../http/response.ts';
import { validQuery } from '../http/validation.ts';
import { emptyQuery } from '../schemas/requests.ts';
import type { presetsResponse } from '../schemas/responses.ts';

/** `GET /v1/presets`: configured presets and upload limits. */
export const getPresets: Endpoint<'listPresets'> = async ({ request, parts: { settings } }) => {
  validQuery(emptyQuery, request);
  const { maxBytes, maxPixels, maxSide } = settings.limits;
  const body = {
    presets: Object.entries(settings.presets).map(([name, preset]) => ({
      name,
      width: preset.width ?? null,
      height: preset.height ?? null,
      fit: preset.fit,
      formats: preset.formats,
      watermarked: preset.watermarks.length > 0,
    })),
    acceptedContentTypes: acceptedTypes(settings),
    limits: { maxBytes, maxDirectBytes: settings.uploads.maxDirectBytes, maxPixels, maxSide },
  } satisfies z.input<typeof presetsResponse>;
  return json(200, body);
};
