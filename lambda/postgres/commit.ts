import type { Original, Placeholder, Variant } from '../domain/image.ts';
import { failedDetail } from './claim.ts';
import type { Connection } from './connection.ts';

/** What became of a claimed image. `released` gives it back; a counted release brings it nearer to `failed`. */
export type JobResult = { imageId: string; attempt: number } & (
  | { outcome: 'ready'; original: Original; placeholder: Placeholder; variants: Variant[] }
  | { outcome: 'rejected'; code: string; detail: string }
  | { outcome: 'released'; counted: boolean }
);

/**
 * - `written`: this call wrote it, or an earlier one of the same attempt whose answer was lost;
 * - `failed`: written, and it was the last attempt that the image had;
 * - `superseded`: the fence does not hold any more (deleted, lease over, claimed again) and nothing was written.
 */
export interface Commit {
  imageId: string;
  state: 'written' | 'failed' | 'superseded';
}

/*
 * One statement for the batch, fenced by attempt, status and lease, all by the database's clock: a worker that
 * outlived its lease writes nothing, even when nobody has taken its place yet (I9).
 *
 * `before` and `written` see one snapshot, so a row that is not in `written` is as `before` shows it.
 */
const commitStatement = `
  with result as (
    select * from jsonb_to_recordset($1::jsonb) as r (
      "imageId" uuid, attempt int, outcome text, original jsonb, placeholder jsonb, variants jsonb, code text, detail text, counted boolean)
  ), locked as (
    select image.id,
      image.failures + case when result.counted then 1 else 0 end as failures,
      case
        when result.outcome <> 'released' then result.outcome
        when result.counted and image.failures + 1 >= $2 then 'failed'
        else 'queued'
      end as status
    from image join result on image.id = result."imageId" and image.attempt = result.attempt
    where image.status = 'processing' and image.deleted_at is null and image.lease_expires_at > now()
    order by image.id
    for update of image
  ), written as (
    update image set
      status = locked.status,
      failures = locked.failures,
      lease_expires_at = null,
      -- A released image keeps its message; the clock by which the sweep would call it lost starts again.
      enqueued_at = case locked.status when 'queued' then now() else image.enqueued_at end,
      content_type = coalesce(result.original ->> 'contentType', image.content_type),
      bytes = coalesce((result.original ->> 'bytes')::bigint, image.bytes),
      width = coalesce((result.original ->> 'width')::int, image.width),
      height = coalesce((result.original ->> 'height')::int, image.height),
      frames = coalesce((result.original ->> 'frames')::int, image.frames),
      placeholder = coalesce(result.placeholder, image.placeholder),
      error_code = case locked.status when 'rejected' then result.code when 'failed' then 'internal' end,
      error_detail = case locked.status when 'rejected' then result.detail when 'failed' then $3 end,
      updated_at = now()
    from locked join result on result."imageId" = locked.id
    where image.id = locked.id
    returning image.id, image.status, result.variants
  ), recorded as (
    insert into variant (image_id, preset, format, content_type, width, height, frames, bytes, sha256, key)
    select written.id, v.preset, v.format, v."contentType", v.width, v.height, v.frames, v.bytes, v.sha256, v.key
    from written, jsonb_to_recordset(written.variants) as v (
      preset text, format text, "contentType" text, width int, height int, frames int, bytes bigint, sha256 text, key text)
    where written.status = 'ready'
    on conflict (image_id, preset, format) do update set
      content_type = excluded.content_type, width = excluded.width, height = excluded.height, frames = excluded.frames,
      bytes = excluded.bytes, sha256 = excluded.sha256, key = excluded.key
  )
  select result."imageId", case
      when written.status = 'failed' then 'failed'
      when written.id is not null then 'written'
      when before.attempt = result.attempt and before.deleted_at is null then
        case
          when before.status = 'failed' then 'failed'
          when before.status in ('ready', 'rejected', 'queued') then 'written'
          else 'superseded'
        end
      else 'superseded'
    end as state
  from result
  left join written on written.id = result."imageId"
  left join image before on before.id = result."imageId"`;

/**
 * Records what became of a batch of claimed images. It may be called again with the same results when the answer
 * was lost: what is written already is answered as `written` and not written twice.
 * @param maxAttempts counted failures at which an image ends as `failed`.
 * @throws TransientFailure `database_away`; the statement may have been committed all the same.
 */
export async function commitResults(
  connection: Connection,
  results: readonly JobResult[],
  { maxAttempts }: { maxAttempts: number },
): Promise<Commit[]> {
  if (results.length === 0) return [];
  const { rows } = await connection.query<Commit>(commitStatement, [
    JSON.stringify(results),
    maxAttempts,
    failedDetail,
  ]);
  return rows;
}
