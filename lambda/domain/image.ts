/** What an image can be, in the order of its life. `transitions.ts` has the ways from one to the next. */
export const imageStatuses = [
  'awaiting_upload',
  'queued',
  'processing',
  'ready',
  'rejected',
  'failed',
  'expired',
] as const;
export type ImageStatus = (typeof imageStatuses)[number];

/** Statuses that an image keeps until its row is removed; `reopens` in transitions.ts marks the only exceptions. */
export const endStatuses = ['ready', 'rejected', 'failed', 'expired'] as const;
export type EndStatus = (typeof endStatuses)[number];

/** True at an end: the image waits for no upload and no worker. */
export function isTerminal(status: ImageStatus): status is EndStatus {
  return (endStatuses as readonly ImageStatus[]).includes(status);
}

export const unfinishedStatuses = imageStatuses.filter((status) => !isTerminal(status));

/** Formats that a variant can be encoded in. */
export const variantFormats = ['webp', 'jpeg', 'png', 'avif'] as const;
export type VariantFormat = (typeof variantFormats)[number];

export const contentTypeOf: Record<VariantFormat, AcceptedContentType> = {
  webp: 'image/webp',
  jpeg: 'image/jpeg',
  png: 'image/png',
  avif: 'image/avif',
};
export const extensionOf: Record<VariantFormat, string> = {
  webp: 'webp',
  jpeg: 'jpg',
  png: 'png',
  avif: 'avif',
};

/** Content types that an upload may declare. The bytes decide what it really is. */
export const acceptedContentTypes = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/tiff',
  'image/avif',
] as const;
export type AcceptedContentType = (typeof acceptedContentTypes)[number];

/** A finished variant as it is recorded: width and height in pixels, bytes in bytes, sha256 in hex, key in the bucket. */
export interface Variant {
  preset: string;
  format: VariantFormat;
  contentType: string;
  width: number;
  height: number;
  /** 1, or more where the variant is animated. */
  frames: number;
  bytes: number;
  sha256: string;
  key: string;
}

/** What is known of the original once a decoder has read it. Width and height are those a person sees (EXIF applied). */
export interface Original {
  contentType: string;
  bytes: number;
  width: number;
  height: number;
  /** 1, or more of an animation. */
  frames: number;
}

/** How a placeholder is written: both are a few bytes of text that a page draws while the picture loads. */
export const placeholderHashes = ['thumbhash', 'blurhash'] as const;
export type PlaceholderHash = (typeof placeholderHashes)[number];

/** What to show before a variant is there: its dominant colour as `#rrggbb`, and a blurred picture in some 30 characters. */
export interface Placeholder {
  color: string;
  /** ThumbHash in base64. */
  thumbhash?: string;
  /** BlurHash as it is written. */
  blurhash?: string;
}

const tenantPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;
const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for a tenant's name: 1-63 of a-z, 0-9 and dash, which is safe in keys, group ids and logs. */
export function isTenantId(text: string): boolean {
  return tenantPattern.test(text);
}

/** True for an image id: a lower-case UUID. */
export function isImageId(text: string): boolean {
  return idPattern.test(text);
}

/** The year (UTC) in which an image was created: ids are UUIDs of version 7, whose first 48 bits are milliseconds. */
export function creationYear(imageId: string): number {
  return new Date(Number.parseInt(imageId.replaceAll('-', '').slice(0, 12), 16)).getUTCFullYear();
}

/** Which image. The tenant is part of its identity: under another tenant's name there is no such image. */
export interface ImageRef {
  tenant: string;
  imageId: string;
}

/** The key of the original: `incoming/<tenant>/<imageId>`. */
export function incomingKey({ tenant, imageId }: ImageRef): string {
  return `incoming/${tenant}/${imageId}`;
}

/** The prefix of everything that was derived from an image. */
export function derivedPrefix({ tenant, imageId }: ImageRef): string {
  return `derived/${tenant}/${imageId}/`;
}

/** The tenant and image of an incoming key, or undefined for a key of any other shape. */
export function parseIncomingKey(key: string): ImageRef | undefined {
  const [prefix, tenant, imageId, ...rest] = key.split('/');
  if (prefix !== 'incoming' || tenant === undefined || imageId === undefined || rest.length > 0)
    return undefined;
  return isTenantId(tenant) && isImageId(imageId) ? { tenant, imageId } : undefined;
}
