import type { ImageStatus } from '../../domain/image.ts';
import { unfinishedStatuses } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';

/** An image, for operators. Times in seconds by the database's clock; negative when over. */
export interface Inspected {
  id: string;
  tenant: string;
  status: ImageStatus;
  createdAt: Date;
  updatedAt: Date;
  /** When a message was last sent. */
  enqueuedAt: Date | null;
  deletedAt: Date | null;
  /** Since creation and since the last change. */
  ageSeconds: number;
  unchangedSeconds: number;
  /** Since its message was sent, or the last change if none was. */
  waitedSeconds: number;
  /** Remaining time of its ticket and of the worker's lease. */
  ticketSeconds: number;
  leaseSeconds: number | null;
  leaseStage: 'waiting' | 'beside' | 'alone' | null;
  attempt: number;
  failures: number;
  lastError: string | null;
  /** Error shown to the tenant. */
  errorCode: string | null;
  errorDetail: string | null;
  /** The newer image of its name. */
  supersededBy: string | null;
  /** Whether the dead-letter queue has its current failure. */
  deadLettered: boolean;
}

/** One image with all details. */
export interface InspectedInFull extends Inspected {
  presets: string[];
  declared: { contentType: string; bytes: number; sha256: string | null };
  /** Properties of the decoded original; null before. */
  found: { contentType: string; bytes: number; width: number; height: number } | null;
  /** Version of the first upload, and the number of later ones. */
  originalVersion: string | null;
  extraUploads: number;
  variants: { preset: string; format: string; width: number; height: number; bytes: number; key: string }[];
}

const since = (time: string) => `extract(epoch from now() - ${time})::float8`;
const until = (time: string) => `extract(epoch from ${time} - now())::float8`;
const columns = `id, tenant_id as tenant, status, created_at as "createdAt", updated_at as "updatedAt",
  enqueued_at as "enqueuedAt", deleted_at as "deletedAt", ${since('created_at')} as "ageSeconds",
  ${since('updated_at')} as "unchangedSeconds", ${since('coalesce(enqueued_at, updated_at)')} as "waitedSeconds",
  ${until('ticket_expires_at')} as "ticketSeconds", ${until('lease_expires_at')} as "leaseSeconds",
  lease_stage as "leaseStage", attempt, failures, last_error as "lastError", error_code as "errorCode",
  error_detail as "errorDetail", superseded_by as "supersededBy", dead_lettered_attempt is not distinct from attempt as "deadLettered"`;

/** One image of any tenant, including a deleted one with a row. */
export async function inspectImage(
  connection: Connection,
  imageId: string,
): Promise<InspectedInFull | undefined> {
  const { rows } = await connection.query<InspectedInFull>(
    `select ${columns}, presets, original_version as "originalVersion",
       jsonb_build_object('contentType', declared_type, 'bytes', declared_bytes, 'sha256', declared_sha256) as declared,
       case when width is not null then
         jsonb_build_object('contentType', content_type, 'bytes', bytes, 'width', width, 'height', height)
       end as found,
       (select count(*) from extra_upload where image_id = image.id) as "extraUploads",
       (select coalesce(jsonb_agg(jsonb_build_object('preset', preset, 'format', format, 'width', width,
           'height', height, 'bytes', bytes, 'key', key) order by preset, format), '[]')
         from variant where image_id = image.id) as variants
     from image where id = $1`,
    [imageId],
  );
  return rows[0];
}

const page = (order: string) => `
  select found.* from unnest($2::text[]) as wanted (status) cross join lateral (
    select ${columns} from image
    where tenant_id = $1 and image.status = wanted.status and deleted_at is null
    order by id ${order} limit $3) found
  order by id ${order} limit $3`;

/** Unfinished images of a tenant, oldest first. */
export async function oldestUnfinished(
  connection: Connection,
  tenant: string,
  limit: number,
): Promise<Inspected[]> {
  return (await connection.query<Inspected>(page('asc'), [tenant, unfinishedStatuses, limit])).rows;
}

/** `failed` or `rejected` images of a tenant, newest first. */
export async function newestEnded(
  connection: Connection,
  tenant: string,
  { status, limit }: { status: 'failed' | 'rejected'; limit: number },
): Promise<Inspected[]> {
  return (await connection.query<Inspected>(page('desc'), [tenant, [status], limit])).rows;
}
