import type { ImageRef, MadeName, VariantName } from '../../domain/image.ts';
import type { JobContent } from '../../domain/job.ts';
import type { Connection } from '../connection/connection.ts';
import { endOlder, newerTickets, newestArrived } from './superseding.ts';

/** A ready image that is completed: the variants that were left for later, those that it has, and its type. */
export interface Completing {
  left: VariantName[];
  made: MadeName[];
  contentType: string;
}

/** A claimed image; valid until the lease ends. */
export interface ClaimedImage extends ImageRef {
  /** Fencing token: every write carries it (I9). */
  attempt: number;
  /** Counted failures so far. */
  failures: number;
  presets: string[];
  /** SHA-256 that the producer declared, in hex. */
  declaredSha256: string | null;
  /** Version of the original, if an earlier attempt found it. */
  originalVersion: string | null;
  /** Newer tickets of the same name, newest first: if one has been used, this image is superseded. */
  newerTickets: string[];
  /** Older images of the same name that this claim ended as `superseded`. */
  overtaken: number;
  /** Set if the image is ready, and only variants follow. */
  completing: Completing | null;
  /** True if the claim already records that work begins. */
  begun: boolean;
  /** Nothing else is in progress: this image is to blame for a death of the worker. */
  alone: boolean;
}

/**
 * - `claimed`: work on it;
 * - `suspect`: not claimed, because it failed before, or (`deadly`) a worker died or hung with it. Claim it alone;
 * - `ready`, `rejected`: final, acknowledge the message;
 * - `complete`: ready with all variants that it will have, acknowledge a message to complete it;
 * - `superseded`: final, a newer image of the same name has arrived; acknowledge the message;
 * - `missing`: unknown, deleted or another tenant's, acknowledge the message;
 * - `busy`: another worker holds the lease for so many more seconds;
 * - `failed`: final; send it to the dead-letter queue unless that has been recorded.
 */
export type Claim =
  | ({ outcome: 'claimed' } & ClaimedImage)
  | (ImageRef & { outcome: 'suspect'; deadly: boolean })
  | (ImageRef & { outcome: 'ready' | 'complete' | 'rejected' | 'missing' })
  | (ImageRef & { outcome: 'superseded'; supersededBy: string; ended: boolean })
  | (ImageRef & {
      outcome: 'failed';
      attempt: number;
      failures: number;
      lastError: string | null;
      deadLettered: boolean;
      /** True if this claim ended it. */
      ended: boolean;
    })
  | (ImageRef & { outcome: 'busy'; leaseSeconds: number });

/** The age in seconds of the oldest queued image at the claim; null if none is queued. */
interface OldestWork {
  oldestSeconds: number | null;
}

/*
 * Rows are locked in id order, so that overlapping batches do not deadlock; decisions use the locked rows.
 *
 * An expired lease means that the worker died or was cut off. An image that waited is innocent, one in progress beside
 * others suspect; a death while alone counts. Only a redriven message, with its attempt, restarts a `failed` image.
 * Later uploads that messages name are recorded for the sweep.
 *
 * A ready image is claimed by a message to complete it, if variants follow; with one failure more than allowed it stays as
 * it is. The age of the oldest queued image comes with each row.
 *
 * An image of a name of which a newer one has arrived is not worked on, whatever became of the newer one.
 */
const claimStatement = {
  name: 'claim',
  text: `
  with wanted as (
    select * from unnest($1::uuid[], $2::text[], $3::int[], $13::float8[], $14::bool[])
      with ordinality as w (id, tenant_id, failed_attempt, waited, complete, place)
  ), upload as (
    select * from unnest($4::uuid[], $11::text[], $12::text[]) as u (id, tenant_id, version)
  ), locked as (
    select image.*, wanted.place, wanted.failed_attempt, wanted.waited, wanted.complete,
      image.status = 'processing' and not coalesce(image.lease_expires_at > now(), false) as died
    from image join wanted using (id, tenant_id)
    where deleted_at is null
    order by image.id
    for update of image
  ), oldest as materialized (
    select enqueued_at, updated_at from image where status = 'queued' and deleted_at is null
    order by coalesce(enqueued_at, updated_at), id limit 1
  ), newer as (${newestArrived}
  ), judged as (
    select locked.*, newer.id as newer_id,
      case when status = 'failed' and failed_attempt is not distinct from attempt then 0
        else failures + (died and lease_stage is not distinct from 'alone')::int end as counted,
      (died and lease_stage is distinct from 'waiting') or (status = 'queued' and lease_stage is not null) as deadly
    from locked left join newer using (place)
  ), decided as (
    select *, case
        when status = 'ready' and complete then case
          when pending is null then 'complete'
          when lease_expires_at > now() then 'busy'
          when completions >= $6 then 'given_up'
          else 'completing'
        end
        when status in ('ready', 'rejected', 'superseded') then status
        when status = 'processing' and not died then 'busy'
        when status = 'failed' and failed_attempt is distinct from attempt then 'failed'
        when newer_id is not null then 'overtaken'
        when counted > failures and counted >= $6 then 'exhausted'
        when not $7 and (deadly or failures > 0) then 'suspect'
        else 'claimed'
      end as outcome
    from judged
  ), ranked as (
    select *, row_number() over (partition by case outcome when 'completing' then 'claimed' else outcome end order by place) as turn from decided
  ), written as (
    update image set
      status = case ranked.outcome when 'claimed' then 'processing' when 'overtaken' then 'superseded'
        when 'exhausted' then 'failed' else image.status end,
      attempt = image.attempt + 1,
      failures = case when ranked.outcome in ('claimed', 'exhausted') then ranked.counted else image.failures end,
      pending = case ranked.outcome when 'given_up' then null else image.pending end,
      completions = image.completions + (ranked.outcome = 'completing')::int,
      superseded_by = case ranked.outcome when 'overtaken' then ranked.newer_id end,
      lease_expires_at = case when ranked.outcome in ('claimed', 'completing') then now() + make_interval(secs => $5) end,
      lease_stage = case when ranked.outcome not in ('claimed', 'completing') then null when $7 then 'alone'
        when ranked.turn <= $8 then 'beside' else 'waiting' end,
      error_code = case ranked.outcome when 'exhausted' then 'internal' end,
      error_detail = case ranked.outcome when 'exhausted' then $9 end,
      last_error = case ranked.outcome when 'exhausted' then $10 when 'given_up' then $15
        else image.last_error end,
      -- The first claim tells how long work waits (migration 000011).
      enqueued_at = case image.attempt when 0 then least(image.enqueued_at, now() - make_interval(secs => ranked.waited))
        else image.enqueued_at end,
      updated_at = case ranked.outcome when 'completing' then image.updated_at else now() end
    from ranked
    where image.id = ranked.id and ranked.outcome in ('claimed', 'completing', 'given_up', 'exhausted', 'overtaken')
    returning image.id, image.tenant_id, image.replaces, image.status, image.attempt, image.lease_stage, image.last_error,
      image.superseded_by
  ), ${endOlder("(select * from written where status = 'processing')", '$1::uuid[]')}
  , noted as (
    insert into extra_upload (image_id, version_id)
    select id, upload.version from ranked join upload using (id, tenant_id) where upload.version <> original_version
    on conflict do nothing
  )
  select wanted.id as "imageId", wanted.tenant_id as tenant,
    case ranked.outcome when 'exhausted' then 'failed' when 'overtaken' then 'superseded'
      when 'completing' then 'claimed' when 'given_up' then 'complete' else coalesce(ranked.outcome, 'missing') end as outcome,
    coalesce(written.attempt, ranked.attempt) as attempt, ranked.counted as failures, ranked.presets,
    ranked.declared_sha256 as "declaredSha256", ranked.original_version as "originalVersion",
    coalesce(written.lease_stage <> 'waiting', false) as begun, coalesce(written.lease_stage = 'alone', false) as alone,
    coalesce(ranked.deadly, false) as deadly, ranked.outcome in ('exhausted', 'overtaken') and written.id is not null as ended,
    coalesce(written.last_error, ranked.last_error) as "lastError",
    ranked.outcome = 'failed' and ranked.dead_lettered_attempt is not distinct from ranked.attempt as "deadLettered",
    case when ranked.outcome = 'claimed' and ranked.replaces is not null then ${newerTickets('ranked')} else '{}' end as "newerTickets",
    case ranked.outcome when 'completing' then jsonb_build_object('left', ranked.pending, 'contentType', ranked.content_type,
      'made', (select coalesce(jsonb_agg(jsonb_build_object('preset', preset, 'format', format)), '[]')
        from variant where image_id = ranked.id)) end as completing,
    (select extract(epoch from now() - coalesce(enqueued_at, updated_at))::float8 from oldest) as "oldestSeconds",
    (select count(*)::int from superseded where superseded.by = ranked.id) as overtaken,
    coalesce(written.superseded_by, ranked.superseded_by) as "supersededBy",
    extract(epoch from ranked.lease_expires_at - now())::float8 as "leaseSeconds"
  from wanted
  left join ranked using (place)
  left join written on written.id = ranked.id
  order by wanted.place`,
};

/** Shown to tenants when an image failed by our fault. */
export const failedDetail = 'The image could not be processed after several attempts. The fault is ours.';

/** Shown to operators when no worker survived to report more. */
const deathNote = 'the worker died or was cut off while it worked on this image alone';

/** The same when variants that follow were given up. */
const givenUpNote = 'the variants that followed were given up after several attempts';

export interface ClaimTerms {
  /** Lease in seconds; no worker may live longer. */
  leaseSeconds: number;
  /** Counted failures at which an image ends as `failed`. */
  maxAttempts: number;
  /** Nothing else is in progress: suspects are claimed too, and a death counts. */
  alone: boolean;
  /** How many of the claimed images the worker begins at once, in request order. */
  beginning: number;
}

/**
 * Claims the images of a batch, each requested at most once. Results are in request order.
 * @param wanted with the attempt at which it failed, if a message comes from the dead-letter queue, the uploads that
 *   messages name, and how long the oldest waited in the queue.
 * @throws TransientFailure `database_unavailable`; nothing is claimed then, or the lease expires by itself.
 */
export async function claimImages(
  connection: Connection,
  wanted: readonly (Omit<JobContent, 'version'> & {
    versions?: readonly string[];
    waitedSeconds?: number;
  })[],
  { leaseSeconds, maxAttempts, alone, beginning }: ClaimTerms,
): Promise<(Claim & OldestWork)[]> {
  const uploads = wanted.flatMap(({ versions = [], ...one }) =>
    versions.map((version) => ({ ...one, version })),
  );
  const { rows } = await connection.query<Claim & OldestWork>(claimStatement, [
    wanted.map(({ imageId }) => imageId),
    wanted.map(({ tenant }) => tenant),
    wanted.map(({ failedAttempt }) => failedAttempt ?? null),
    uploads.map(({ imageId }) => imageId),
    leaseSeconds,
    maxAttempts,
    alone,
    beginning,
    failedDetail,
    deathNote,
    uploads.map(({ tenant }) => tenant),
    uploads.map(({ version }) => version),
    wanted.map(({ waitedSeconds }) => waitedSeconds ?? null),
    wanted.map(({ complete }) => complete === true),
    givenUpNote,
  ]);
  return rows;
}
