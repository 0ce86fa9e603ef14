import type * as z from 'zod';
import { acceptedTypes } from '../domain/image.ts';
import type { Endpoint } from './endpoint.ts';
import { emptyQuery } from './requests.ts';
import { json } from './response.ts';
import type { presetsResponse } from './responses.ts';
import { validQuery } from './validation.ts';

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
