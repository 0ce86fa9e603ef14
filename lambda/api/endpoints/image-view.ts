import type * as z from 'zod';
import type { Variant } from '../../domain/image.ts';
import type { ImageRecord } from '../../postgres/images/reading.ts';
import type { ApiParts } from '../http/endpoint.ts';
import { etagOf } from '../http/etag.ts';
import type { ImageErrorCode } from '../schemas/image-errors.ts';
import type { imageResponse, imageSummary } from '../schemas/responses.ts';

type Details = z.input<typeof imageResponse>;

/** An image as its tenant sees it, without the variants. */
export function summaryOf(record: ImageRecord): z.input<typeof imageSummary> {
  const { contentType, bytes, width, height, frames } = record;
  return {
    id: record.id,
    status: record.status,
    createdAt: record.createdAt.toISOString(),
    updatedAt: record.updatedAt.toISOString(),
    original: { contentType, bytes, width, height, frames },
    placeholder: record.placeholder,
    presets: record.presets,
    metadata: record.metadata,
    ...(record.pending === null ? {} : { pending: record.pending }),
    ...(record.replaces === null ? {} : { replaces: record.replaces }),
    ...(record.supersededBy === null ? {} : { supersededBy: record.supersededBy }),
    ...(record.errorCode === null
      ? {}
      : { error: { code: record.errorCode as ImageErrorCode, detail: record.errorDetail ?? '' } }),
  };
}

/** The same with its variants, each with a URL that stays the same for a quarter of an hour. */
export async function detailsOf(
  record: ImageRecord & { variants: Variant[] },
  { delivery, settings }: Pick<ApiParts, 'delivery' | 'settings'>,
): Promise<Details> {
  const variants = record.variants.map(async ({ key, ...variant }) => {
    const { url, expiresAt } = await delivery.variantUrl(key, settings.uploads.downloadSeconds);
    return { ...variant, url, urlExpiresAt: expiresAt.toISOString() };
  });
  return { ...summaryOf(record), variants: await Promise.all(variants) };
}

/** The same with its ETag. */
export async function representationOf(
  record: ImageRecord & { variants: Variant[] },
  parts: Pick<ApiParts, 'delivery' | 'settings'>,
): Promise<{ details: Details; etag: string }> {
  const details = await detailsOf(record, parts);
  return { details, etag: etagOf(JSON.stringify(withoutUrls(details)), record.revision) };
}

/** The input of the ETag: everything except the URLs, which each environment signs itself; includes their expiry. */
function withoutUrls(details: Details): unknown {
  return { ...details, variants: details.variants.map(({ url: _, ...variant }) => variant) };
}
