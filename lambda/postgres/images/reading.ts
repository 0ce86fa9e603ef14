import {
  type ImageRef,
  type ImageStatus,
  imageStatuses,
  type Placeholder,
  type Variant,
} from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';

/** An image as its tenant may see it. Type and bytes are the declared ones until a decoder has read it. */
export interface ImageRecord {
  id: string;
  status: ImageStatus;
  createdAt: Date;
  updatedAt: Date;
  contentType: string;
  bytes: number;
  width: number | null;
  height: number | null;
  frames: number | null;
  placeholder: Placeholder | null;
  presets: string[];
  metadata: Record<string, string>;
  errorCode: string | null;
  errorDetail: string | null;
}

const columns = `id, status, created_at as "createdAt", updated_at as "updatedAt",
  coalesce(content_type, declared_type) as "contentType", coalesce(bytes, declared_bytes) as bytes,
  width, height, frames, placeholder, presets, metadata, error_code as "errorCode", error_detail as "errorDetail"`;

// In the order of the presets asked for, WebP before JPEG.
const variantsOfImage = `(select coalesce(jsonb_agg(jsonb_build_object(
    'preset', preset, 'format', format, 'contentType', content_type, 'width', width, 'height', height, 'frames', frames,
    'bytes', bytes, 'sha256', sha256, 'key', key)
    order by array_position(image.presets, preset), format desc), '[]')
  from variant where image_id = image.id)`;

/** One image of a tenant with its variants; undefined for an unknown or deleted one, and for another tenant's (I11). */
export async function findImage(
  connection: Connection,
  { tenant, imageId }: ImageRef,
): Promise<(ImageRecord & { variants: Variant[] }) | undefined> {
  const { rows } = await connection.query<ImageRecord & { variants: Variant[] }>(
    `select ${columns}, ${variantsOfImage} as variants from image
     where id = $1 and tenant_id = $2 and deleted_at is null`,
    [imageId, tenant],
  );
  return rows[0];
}

interface ListFilter {
  status?: ImageStatus;
  before?: string;
}

/** An image of a list, with its variants where they were asked for. */
export type ListedImage = ImageRecord & { variants?: Variant[] };

/*
 * The newest ids of each status by an index, of these the newest. With one query for a status and an index for all of
 * them Postgres takes the index of all where most images have that status, and reads on until it has found enough: for
 * a tenant whose 20,000 newest are waiting, 20,000 rows for a page of 50 that are ready.
 */
const pageOfIds = `
  select page.id from unnest($2::text[]) as wanted (status) cross join lateral (
    select id from image
    where tenant_id = $1 and image.status = wanted.status and deleted_at is null and ($3::uuid is null or id < $3)
    order by id desc limit $4) page
  order by page.id desc limit $4`;

/** A page of a tenant's images, newest first, beginning after the image `before`. */
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
