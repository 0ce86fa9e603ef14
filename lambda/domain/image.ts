import { acceptedInputs, type InputSwitches, type InputType, inputTypes } from './inputs.ts';

/** Statuses of an image in the order of its life; `transitions.ts` lists the changes between them. */
export const imageStatuses = [
  'awaiting_upload',
  'queued',
  'processing',
  'ready',
  'rejected',
  'failed',
  'expired',
  'superseded',
] as const;
export type ImageStatus = (typeof imageStatuses)[number];

/** Final statuses, with the exceptions that `reopens` marks in transitions.ts. */
export const endStatuses = ['ready', 'rejected', 'failed', 'expired', 'superseded'] as const;
export type EndStatus = (typeof endStatuses)[number];

export function isTerminal(status: ImageStatus): status is EndStatus {
  return (endStatuses as readonly ImageStatus[]).includes(status);
}

export const unfinishedStatuses = imageStatuses.filter((status) => !isTerminal(status));

export const variantFormats = ['webp', 'jpeg', 'png', 'avif'] as const;
export type VariantFormat = (typeof variantFormats)[number];

/** A format, or `modern`, for which the picture decides between formats. */
export const formatChoices = ['modern', ...variantFormats] as const;
export type FormatChoice = (typeof formatChoices)[number];

export const contentTypeOf = (format: VariantFormat) => `image/${format}` as const;
export const extensionOf: Record<VariantFormat, string> = {
  webp: 'webp',
  jpeg: 'jpg',
  png: 'png',
  avif: 'avif',
};

/** Content types that an upload may declare. Only its bytes are trusted. */
export type AcceptedContentType = `image/${InputType}`;
export const acceptedContentTypes = inputTypes.map((type): AcceptedContentType => `image/${type}`);

/** The type that a recorded content type stands for. */
export function inputTypeOf(contentType: string): InputType {
  const type = inputTypes[(acceptedContentTypes as readonly string[]).indexOf(contentType)];
  if (type === undefined) throw new Error(`unknown type of image ${contentType}`);
  return type;
}

/** Content types that a deployment accepts. */
export function acceptedTypes({ inputs }: { inputs: InputSwitches }): AcceptedContentType[] {
  return acceptedInputs(inputs).map((type) => `image/${type}` as const);
}

/** A recorded variant: width and height in pixels, bytes in bytes, sha256 in hex, key in the bucket. */
export interface Variant {
  preset: string;
  format: VariantFormat;
  contentType: string;
  width: number;
  height: number;
  /** More than 1 if the variant is animated. */
  frames: number;
  bytes: number;
  sha256: string;
  key: string;
}

/** A variant by its names, which is not made yet. */
export interface VariantName {
  preset: string;
  format: FormatChoice;
}

/** A variant by its names, which is made. */
export type MadeName = Pick<Variant, 'preset' | 'format'>;

/** Properties of a decoded original. Width and height are after EXIF orientation. */
export interface Original {
  contentType: string;
  bytes: number;
  width: number;
  height: number;
  /** More than 1 for an animation. */
  frames: number;
}

/** Placeholder formats. */
export const placeholderHashes = ['thumbhash', 'blurhash'] as const;
export type PlaceholderHash = (typeof placeholderHashes)[number];

/** Shown until a variant loads: the dominant colour as `#rrggbb`, and a blurred picture in some 30 characters. */
export interface Placeholder {
  color: string;
  /** ThumbHash in base64. */
  thumbhash?: string;
  blurhash?: string;
}

const tenantPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;
const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A tenant's name is 1-63 of a-z, 0-9 and dash, safe in keys, group ids and logs. */
export function isTenantId(text: string): boolean {
  return tenantPattern.test(text);
}

/** An image id is a lower-case UUID. */
export function isImageId(text: string): boolean {
  return idPattern.test(text);
}

/** Time of creation in milliseconds: ids are UUIDv7, whose first 48 bits they are. */
export function creationMs(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}

/** Year (UTC) of creation. */
export function creationYear(imageId: string): number {
  return new Date(creationMs(imageId)).getUTCFullYear();
}

/** Identifies an image. The tenant is part of its identity. */
export interface ImageRef {
  tenant: string;
  imageId: string;
}

/** The key of the original: `incoming/<tenant>/<imageId>`. */
export function incomingKey({ tenant, imageId }: ImageRef): string {
  return `incoming/${tenant}/${imageId}`;
}

/** Prefix of all objects derived from an image. */
export function derivedPrefix({ tenant, imageId }: ImageRef): string {
  return `derived/${tenant}/${imageId}/`;
}

/** Parses an incoming key; undefined for any other key. */
export function parseIncomingKey(key: string): ImageRef | undefined {
  const [prefix, tenant, imageId, ...rest] = key.split('/');
  if (prefix !== 'incoming' || tenant === undefined || imageId === undefined || rest.length > 0)
    return undefined;
  return isTenantId(tenant) && isImageId(imageId) ? { tenant, imageId } : undefined;
}
