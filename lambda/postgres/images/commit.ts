import type { Original, Placeholder, Variant } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';
import { failedDetail } from './claim.ts';

/** A claimed image, by the attempt that claimed it. */
export interface Attempt {
  imageId: string;
  attempt: number;
}

/**
 * What became of a claimed image. `released` gives it back, with the error for an operator: a counted release brings
 * it nearer to `failed`, a final one ends it there, and a suspected image is claimed alone the next time.
 */
export type JobResult = Attempt & {
  /** The uploads under the image's key, once they were looked up: the first, which is the original, and the others. */
  uploads?: { version: string; later: readonly string[] };
} & (
    | { outcome: 'ready'; original: Original; placeholder: Placeholder; variants: Variant[] }
    | { outcome: 'rejected'; code: string; detail: string }
    | { outcome: 'released'; counted: boolean; suspect?: boolean; final?: boolean; error?: string }
  );

/**
 * - `written`: this call wrote it, or an earlier one of the same attempt whose answer was lost;
 * - `failed`: written, and it was the last attempt that the image had; `failures` says how many it had;
 * - `begun`: work on it may begin;
 * - `superseded`: the fence does not hold any more (deleted, lease over, claimed again) and nothing was written.
 */
export interface Commit {
  imageId: string;
  state: 'written' | 'failed' | 'begun' | 'superseded';
  failures: number;
}

/*
 * One statement for what ended and what begins, fenced by attempt, status and lease, all by the database's clock: a
 * worker that outlived its lease writes nothing, even when nobody has taken its place yet (I9).
 *
 * `before` and `written` see one snapshot, so a row that is not in `written` is as `before` shows it.
 */
const commitStatement = `
  with result as (
    select * from jsonb_to_recordset($1::jsonb) as r (
      "imageId" uuid, attempt int, outcome text, uploads jsonb, original jsonb, placeholder jsonb, variants jsonb,
      code text, detail text, counted boolean, suspect boolean, final boolean, error text)
  ), beginning as (
    select * from jsonb_to_recordset($2::jsonb) as b ("imageId" uuid, attempt int)
  ), fence as (
    select "imageId" as id, attempt, true as ended from result
    union all select "imageId", attempt, false from beginning
  ), found as (
    -- By id and nothing else: with the status said here, the index of all leases would serve as well.
    select image.id, image.failures, fence.ended,
      image.status = 'processing' and image.deleted_at is null and image.lease_expires_at > now() as held
    from image join fence on image.id = fence.id and image.attempt = fence.attempt
    order by image.id
    for update of image
  ), locked as (
    select id, failures, ended from found where held
  ), decided as (
    select result.*, locked.failures + coalesce(result.counted, false)::int as failures,
      case
        when result.outcome <> 'released' then result.outcome
        when result.final or (result.counted and locked.failures + 1 >= $3) then 'failed'
        else 'queued'
      end as status
    from locked join result on result."imageId" = locked.id
    where locked.ended
  ), written as (
    update image set
      status = decided.status,
      failures = decided.failures,
      lease_expires_at = null,
      lease_stage = case when decided.status = 'queued' and decided.suspect then 'beside' end,
      -- A released image keeps its message; the clock by which the sweep would call it lost starts again.
      enqueued_at = case decided.status when 'queued' then now() else image.enqueued_at end,
      original_version = coalesce(image.original_version, decided.uploads ->> 'version'),
      content_type = coalesce(decided.original ->> 'contentType', image.content_type),
      bytes = coalesce((decided.original ->> 'bytes')::bigint, image.bytes),
      width = coalesce((decided.original ->> 'width')::int, image.width),
      height = coalesce((decided.original ->> 'height')::int, image.height),
      frames = coalesce((decided.original ->> 'frames')::int, image.frames),
      placeholder = coalesce(decided.placeholder, image.placeholder),
      error_code = case decided.status when 'rejected' then decided.code when 'failed' then 'internal' end,
      error_detail = case decided.status when 'rejected' then decided.detail when 'failed' then $4 end,
      last_error = coalesce(decided.error, image.last_error),
      updated_at = now()
    from decided
    where image.id = decided."imageId"
    returning image.id, image.status, image.failures, decided.variants, decided.uploads
  ), recorded as (
    insert into variant (image_id, preset, format, content_type, width, height, frames, bytes, sha256, key)
    select written.id, v.preset, v.format, v."contentType", v.width, v.height, v.frames, v.bytes, v.sha256, v.key
    from written, jsonb_to_recordset(written.variants) as v (
      preset text, format text, "contentType" text, width int, height int, frames int, bytes bigint, sha256 text, key text)
    where written.status = 'ready'
    on conflict (image_id, preset, format) do update set
      content_type = excluded.content_type, width = excluded.width, height = excluded.height, frames = excluded.frames,
      bytes = excluded.bytes, sha256 = excluded.sha256, key = excluded.key
  ), noted as (
    insert into extra_upload (image_id, version_id)
    select written.id, later.version from written, jsonb_array_elements_text(written.uploads -> 'later') as later (version)
    on conflict do nothing
  ), begun as (
    update image set lease_stage = 'beside' from locked
    where image.id = locked.id and not locked.ended
    returning image.id
  )
  select result."imageId", coalesce(written.failures, before.failures, 0) as failures, case
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
  left join image before on before.id = result."imageId"
  union all
  select "imageId", 0, case when begun.id is null then 'superseded' else 'begun' end
  from beginning left join begun on begun.id = "imageId"`;

/**
 * Records what became of claimed images, and that work on others begins. It may be called again with the same
 * arguments when the answer was lost: what is written already is answered as `written` and not written twice.
 * @param maxAttempts counted failures at which an image ends as `failed`.
 * @returns the results in their order, then what begins in its order.
 * @throws TransientFailure `database_unavailable`; the statement may have been committed all the same.
 */
export async function commitResults(
  connection: Connection,
  results: readonly JobResult[],
  { maxAttempts, beginning = [] }: { maxAttempts: number; beginning?: readonly Attempt[] },
): Promise<Commit[]> {
  if (results.length + beginning.length === 0) return [];
  const { rows } = await connection.query<Commit>(commitStatement, [
    JSON.stringify(results),
    JSON.stringify(beginning),
    maxAttempts,
    failedDetail,
  ]);
  const states = new Map(rows.map((row) => [row.imageId, row]));
  return [...results, ...beginning].flatMap(({ imageId }) => states.get(imageId) ?? []);
}
