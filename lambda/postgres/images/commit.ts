import type { Original, Placeholder, Variant, VariantName } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';
import { failedDetail } from './claim.ts';

/** A claimed image and its attempt. */
export interface Attempt {
  imageId: string;
  attempt: number;
}

/**
 * Result of a claimed image. `released` returns it with the error for an operator: a counted release adds a failure, a
 * final one ends it as `failed`, a suspect is claimed alone next time.
 */
export type JobResult = Attempt & {
  /** Uploads under the image's key, once listed: the first, which is the original, and the others. */
  uploads?: { version: string; later: readonly string[] };
} & (
    | {
        outcome: 'ready';
        original: Original;
        placeholder: Placeholder;
        variants: Variant[];
        pending?: VariantName[] | undefined;
      }
    /** Of a ready image, what followed; with an error what could not be made is given up. */
    | { outcome: 'completed'; variants: Variant[]; error?: string | undefined }
    | { outcome: 'rejected'; code: string; detail: string }
    /** A newer image of the same name has arrived. */
    | { outcome: 'superseded'; supersededBy: string }
    | { outcome: 'released'; counted: boolean; suspect?: boolean; final?: boolean; error?: string }
  );

/**
 * - `written`: by this call, or by an earlier one of the same attempt whose response was lost;
 * - `failed`: written as the image's last attempt, after so many `failures`;
 * - `begun`: work may begin;
 * - `fenced`: the fence no longer holds (deleted, lease expired, claimed again); nothing was written.
 */
export interface Commit {
  imageId: string;
  state: 'written' | 'failed' | 'begun' | 'fenced';
  failures: number;
}

/*
 * One statement for results and beginnings, fenced by attempt, status and lease on the database's clock: a worker past
 * its lease writes nothing, even if not yet replaced (I9). `before` and `written` see one snapshot: a row not in
 * `written` is as in `before`.
 */
const commitStatement = {
  name: 'commit',
  text: `
  with result as (
    select * from jsonb_to_recordset($1::jsonb) as r (
      "imageId" uuid, attempt int, outcome text, uploads jsonb, original jsonb, placeholder jsonb, variants jsonb,
      "supersededBy" uuid, pending jsonb, code text, detail text, counted boolean, suspect boolean, final boolean, error text)
  ), beginning as (
    select * from jsonb_to_recordset($2::jsonb) as b ("imageId" uuid, attempt int)
  ), fence as (
    select "imageId" as id, attempt, true as ended from result
    union all select "imageId", attempt, false from beginning
  ), found as (
    -- By id only: with the status here, Postgres may take the index of all leases.
    select image.id, image.failures, fence.ended, image.status = 'ready' as completing,
      (image.status = 'processing' or image.status = 'ready' and image.pending is not null) and image.deleted_at is null and image.lease_expires_at > now() as held
    from image join fence on image.id = fence.id and image.attempt = fence.attempt
    order by image.id
    for update of image
  ), locked as (
    select id, failures, ended, completing from found where held
  ), decided as (
    select result.*, locked.completing,
      locked.failures + (not locked.completing and coalesce(result.counted, false))::int as failures,
      case
        when locked.completing then 'ready'
        when result.outcome <> 'released' then result.outcome
        when result.final or (result.counted and locked.failures + 1 >= $3) then 'failed'
        else 'queued'
      end as status
    from locked join result on result."imageId" = locked.id
    where locked.ended and (result.outcome = 'released' or (result.outcome = 'completed') = locked.completing)
  ), written as (
    update image set
      status = decided.status,
      failures = decided.failures,
      superseded_by = decided."supersededBy",
      pending = case when not decided.completing then decided.pending when decided.outcome = 'released' then image.pending end,
      -- A failure that does not count is no attempt.
      completions = image.completions - (decided.completing and decided.outcome = 'released' and not coalesce(decided.counted, false))::int,
      lease_expires_at = null,
      lease_stage = case when decided.status = 'queued' and decided.suspect then 'beside' end,
      -- A released image keeps its message: restart the time after which the sweep calls it lost.
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
      updated_at = case when decided.completing and decided.outcome = 'released' then image.updated_at else now() end
    from decided
    where image.id = decided."imageId"
    returning image.id, image.status, image.failures, decided.variants, decided.uploads
  ), made as materialized (
    select written.id, v.* from written, jsonb_to_recordset(written.variants) as v (
      preset text, format text, "contentType" text, width int, height int, frames int, bytes bigint, sha256 text, key text)
    where written.status = 'ready'
  ), replaced as (
    insert into replaced_object (image_id, key)
    select made.id, earlier.key from made cross join lateral (
      select variant.key from variant
      where image_id = made.id and preset = made.preset and format = made.format and variant.key <> made.key
      offset 0) earlier
    on conflict do nothing
  ), recorded as (
    insert into variant (image_id, preset, format, content_type, width, height, frames, bytes, sha256, key)
    select id, preset, format, "contentType", width, height, frames, bytes, sha256, key from made
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
          when before.status in ('ready', 'rejected', 'queued', 'superseded') then 'written'
          else 'fenced'
        end
      else 'fenced'
    end as state
  from result
  left join written on written.id = result."imageId"
  left join image before on before.id = result."imageId"
  union all
  select "imageId", 0, case when begun.id is null then 'fenced' else 'begun' end
  from beginning left join begun on begun.id = "imageId"`,
};

/**
 * Records results and beginnings. Idempotent: if the response was lost, a repeated call returns `written`.
 * @param maxAttempts counted failures at which an image ends as `failed`.
 * @returns results, then beginnings, each in its order.
 * @throws TransientFailure `database_unavailable`; the statement may have committed.
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
