import type { ImageRef } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';

/** An image that a batch asks for, and what its messages say of it. */
export interface Wanted extends ImageRef {
  /** The attempt at which it failed, in a message that comes back from the dead-letter queue. */
  failedAttempt?: number | undefined;
  /** The versions of the uploads that the messages tell of. */
  versions?: readonly string[];
}

/** What a worker knows of an image that it may work on, until the lease ends. */
export interface ClaimedImage extends ImageRef {
  /** The fence: every write about this image carries it (I9). */
  attempt: number;
  /** Counted failures so far. */
  failures: number;
  presets: string[];
  /** SHA-256 that the producer declared, in hex. */
  declaredSha256: string | null;
  /** The version of the original, where an attempt before has found it. */
  originalVersion: string | null;
  /** True where the database knows that work on it begins now; of any other image it has to be told first. */
  begun: boolean;
}

/**
 * - `claimed`: work on it;
 * - `suspect`: not claimed: it failed before, or (`deadly`) a worker died or hung with it. Claim it alone;
 * - `ready`, `rejected`: at its end already, acknowledge the message;
 * - `missing`: unknown, deleted or another tenant's, acknowledge the message;
 * - `busy`: another worker holds the lease for so many seconds more;
 * - `failed`: at its end by our fault. Where the dead-letter queue does not know it, it has to be told.
 */
export type Claim =
  | ({ outcome: 'claimed' } & ClaimedImage)
  | { outcome: 'suspect'; imageId: string; deadly: boolean }
  | { outcome: 'ready' | 'rejected' | 'missing'; imageId: string }
  | ({ outcome: 'failed'; imageId: string } & Failed)
  | { outcome: 'busy'; imageId: string; leaseSeconds: number };

/** What there is to say of an image that failed: at which attempt, after how many failures, with which error last. */
export interface Failed {
  attempt: number;
  failures: number;
  lastError: string | null;
  deadLettered: boolean;
}

/*
 * One statement for the batch. The rows are locked in the order of their ids, so that two workers with
 * overlapping batches wait for each other instead of deadlocking, and what is decided is decided on the locked
 * version of each row.
 *
 * A lease that ran out means that its worker died or was cut off, and a worker that crashes cannot count for itself.
 * An image that only waited its turn is innocent. One that was worked on beside others is suspected, because nobody
 * knows which of them it was. One that was alone is guilty, and the death counts.
 *
 * `failed` starts over for the message that carries its attempt and for no other: that one comes from the dead-letter
 * queue. A message that is older, or a second one of the sweep or of S3, finds it failed however often it is received.
 *
 * A message that tells of another upload than the one that was read first notes that for the sweep.
 */
const claimStatement = `
  with wanted as (
    select * from unnest($1::uuid[], $2::text[], $3::int[])
      with ordinality as w (id, tenant_id, failed_attempt, place)
  ), told as (
    select * from unnest($4::uuid[], $11::text[], $12::text[]) as t (id, tenant_id, version)
  ), locked as (
    select image.*, wanted.place, wanted.failed_attempt,
      image.status = 'processing' and not coalesce(image.lease_expires_at > now(), false) as died
    from image join wanted using (id, tenant_id)
    where deleted_at is null
    order by image.id
    for update of image
  ), judged as (
    select *,
      case when status = 'failed' and failed_attempt is not distinct from attempt then 0
        else failures + (died and lease_stage is not distinct from 'alone')::int end as counted,
      (died and lease_stage is distinct from 'waiting') or (status = 'queued' and lease_stage is not null) as deadly
    from locked
  ), decided as (
    select *, case
        when status in ('ready', 'rejected') then status
        when status = 'processing' and not died then 'busy'
        when status = 'failed' and failed_attempt is distinct from attempt then 'failed'
        when counted > failures and counted >= $6 then 'exhausted'
        when not $7 and (deadly or failures > 0) then 'suspect'
        else 'claimed'
      end as outcome
    from judged
  ), ranked as (
    select *, row_number() over (partition by outcome order by place) as turn from decided
  ), written as (
    update image set
      status = case ranked.outcome when 'claimed' then 'processing' else 'failed' end,
      attempt = image.attempt + 1,
      failures = ranked.counted,
      lease_expires_at = case ranked.outcome when 'claimed' then now() + make_interval(secs => $5) end,
      lease_stage = case when ranked.outcome = 'exhausted' then null when $7 then 'alone'
        when ranked.turn <= $8 then 'beside' else 'waiting' end,
      error_code = case ranked.outcome when 'exhausted' then 'internal' end,
      error_detail = case ranked.outcome when 'exhausted' then $9 end,
      last_error = case ranked.outcome when 'exhausted' then $10 else image.last_error end,
      updated_at = now()
    from ranked
    where image.id = ranked.id and ranked.outcome in ('claimed', 'exhausted')
    returning image.id, image.attempt, image.lease_stage, image.last_error
  ), noted as (
    insert into extra_upload (image_id, version_id)
    select id, told.version from ranked join told using (id, tenant_id) where told.version <> original_version
    on conflict do nothing
  )
  select wanted.id as "imageId", wanted.tenant_id as tenant,
    case ranked.outcome when 'exhausted' then 'failed' else coalesce(ranked.outcome, 'missing') end as outcome,
    coalesce(written.attempt, ranked.attempt) as attempt, ranked.counted as failures, ranked.presets,
    ranked.declared_sha256 as "declaredSha256", ranked.original_version as "originalVersion",
    coalesce(written.lease_stage <> 'waiting', false) as begun, coalesce(ranked.deadly, false) as deadly,
    coalesce(written.last_error, ranked.last_error) as "lastError",
    ranked.outcome = 'failed' and ranked.dead_lettered_attempt is not distinct from ranked.attempt as "deadLettered",
    extract(epoch from ranked.lease_expires_at - now())::float8 as "leaseSeconds"
  from wanted
  left join ranked using (place)
  left join written on written.id = ranked.id
  order by wanted.place`;

/** What a tenant reads about an image that failed by our fault. */
export const failedDetail = 'The image could not be processed after several attempts. The fault is ours.';

/** What an operator reads where no worker lived to say more. */
const deathNote = 'the worker died or was cut off while it worked on this image alone';

export interface ClaimTerms {
  /** How long the claim holds, in seconds; no worker may live longer than that. */
  leaseSeconds: number;
  /** Counted failures at which an image ends as `failed`. */
  maxAttempts: number;
  /** Nothing else is in work: suspects are claimed too, and a death counts. */
  alone: boolean;
  /** How many of the claimed images the worker begins at once, in the order of the question. */
  beginning: number;
}

/**
 * Claims the images of a batch for this worker. Each image may be wanted once; the answers are in the order of the
 * question.
 * @throws TransientFailure `database_unavailable`; nothing is claimed then, or the lease runs out by itself.
 */
export async function claimImages(
  connection: Connection,
  wanted: readonly Wanted[],
  { leaseSeconds, maxAttempts, alone, beginning }: ClaimTerms,
): Promise<Claim[]> {
  const told = wanted.flatMap(({ versions = [], ...one }) =>
    versions.map((version) => ({ ...one, version })),
  );
  const { rows } = await connection.query<Claim>(claimStatement, [
    wanted.map(({ imageId }) => imageId),
    wanted.map(({ tenant }) => tenant),
    wanted.map(({ failedAttempt }) => failedAttempt ?? null),
    told.map(({ imageId }) => imageId),
    leaseSeconds,
    maxAttempts,
    alone,
    beginning,
    failedDetail,
    deathNote,
    told.map(({ tenant }) => tenant),
    told.map(({ version }) => version),
  ]);
  return rows;
}
