import {
  type ImageRef,
  type ImageStatus,
  imageStatuses,
  type Placeholder,
  type Variant,
  type VariantName,
} from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';

/** An image as its tenant sees it. Type and bytes are as declared until it is decoded. */
export interface ImageRecord {
  id: string;
  status: ImageStatus;
  createdAt: Date;
  /** Of the latest change, also by an edit. */
  updatedAt: Date;
  /** Raised by each edit. */
  revision: number;
  contentType: string;
  bytes: number;
  width: number | null;
  height: number | null;
  frames: number | null;
  placeholder: Placeholder | null;
  presets: string[];
  metadata: Record<string, string>;
  /** Variants that follow, if the image is ready without them. */
  pending: VariantName[] | null;
  /** What the image stands for. */
  replaces: string | null;
  supersededBy: string | null;
  errorCode: string | null;
  errorDetail: string | null;
}

const columns = `id, status, created_at as "createdAt", greatest(updated_at, edited_at) as "updatedAt", revision,
  coalesce(content_type, declared_type) as "contentType", coalesce(bytes, declared_bytes) as bytes,
  width, height, frames, placeholder, presets, metadata, pending, replaces, superseded_by as "supersededBy",
  error_code as "errorCode", error_detail as "errorDetail"`;

// In the order of the requested presets, the newest format first.
const variantsOfImage = `(select coalesce(jsonb_agg(jsonb_build_object(
    'preset', preset, 'format', format, 'contentType', content_type, 'width', width, 'height', height, 'frames', frames,
    'bytes', bytes, 'sha256', sha256, 'key', key)
    order by array_position(image.presets, preset),
      array_position(array['avif', 'webp', 'png', 'jpeg'], format)), '[]')
  from variant where image_id = image.id)`;

const imageStatement = {
  name: 'image',
  text: `select ${columns}, ${variantsOfImage} as variants from image
     where id = $1 and tenant_id = $2 and deleted_at is null`,
};

/** An image of a tenant with its variants; undefined if unknown, deleted or another tenant's (I11). */
export async function findImage(
  connection: Connection,
  { tenant, imageId }: ImageRef,
): Promise<(ImageRecord & { variants: Variant[] }) | undefined> {
  const { rows } = await connection.query<ImageRecord & { variants: Variant[] }>(imageStatement, [
    imageId,
    tenant,
  ]);
  return rows[0];
}

/** Those of these images that the tenant has, in any order, with their variants if requested. */
export async function findImages(
  connection: Connection,
  tenant: string,
  { ids, variants = false }: { ids: readonly string[]; variants?: boolean },
): Promise<ListedImage[]> {
  const { rows } = await connection.query<ListedImage>(
    `select ${columns}${variants ? `, ${variantsOfImage} as variants` : ''} from image
     where id = any ($2::uuid[]) and tenant_id = $1 and deleted_at is null`,
    [tenant, ids],
  );
  return rows;
}

interface ListFilter {
  status?: ImageStatus;
  before?: string;
}

/** An image of a list, with its variants if requested. */
export type ListedImage = ImageRecord & { variants?: Variant[] };

/*
 * The newest ids of each status, of these the newest. An index of all statuses would be read until enough match: for a
 * tenant whose 20,000 newest images wait, 20,000 rows for a page of 50 ready ones.
 */
const pageOfIds = `
  select page.id from unnest($2::text[]) as wanted (status) cross join lateral (
    select id from image
    where tenant_id = $1 and image.status = wanted.status and deleted_at is null and ($3::uuid is null or id < $3)
    order by id desc limit $4) page
  order by page.id desc limit $4`;

/** A page of a tenant's images, newest first, after the image `before`. */
export async function listImages(
  connection: Connection,
  tenant: string,
  { status, before, limit, variants = false }: ListFilter & { limit: number; variants?: boolean },
): Promise<ListedImage[]> {
  const { rows } = await connection.query<ListedImage>(
    `select ${columns}${variants ? `, ${variantsOfImage} as variants` : ''} from image
     where id = any(array(${pageOfIds}))
     order by id desc`,
    [tenant, status === undefined ? imageStatuses : [status], before ?? null, limit],
  );
  return rows;
}
