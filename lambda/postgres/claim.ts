import type { Connection } from './connection.ts';

/** An image that a batch asks for. `redriven` is true on the first receive of its message. */
export interface Wanted {
  imageId: string;
  tenant: string;
  redriven: boolean;
}

/** What a worker knows of an image that it may work on, until the lease ends. */
export interface ClaimedImage {
  imageId: string;
  tenant: string;
  /** The fence: every write about this image carries it (I9). */
  attempt: number;
  /** Counted failures so far; an image with some is suspected of killing workers. */
  failures: number;
  presets: string[];
  /** SHA-256 that the producer declared, in hex. */
  declaredSha256: string | null;
}

/**
 * - `claimed`: work on it;
 * - `finished`: ready or rejected already, acknowledge the message;
 * - `missing`: unknown, deleted or another tenant's, acknowledge the message;
 * - `busy`: another worker holds the lease for so many seconds more;
 * - `failed`: at its end by our fault, the message belongs into the dead-letter queue.
 */
export type Claim =
  | ({ outcome: 'claimed' } & ClaimedImage)
  | { outcome: 'finished' | 'missing' | 'failed'; imageId: string }
  | { outcome: 'busy'; imageId: string; leaseSeconds: number };

/*
 * One statement for the batch. The rows are locked in the order of their ids, so that two workers with
 * overlapping batches wait for each other instead of deadlocking, and what is decided is decided on the locked
 * version of each row.
 *
 * A lease that ran out means that its worker died or was cut off: that counts as a failure of the image, because
 * a worker that crashes cannot count for itself.
 *
 * `failed` is claimable on a first receive only: that is a message from a redrive of the dead-letter queue,
 * which starts the image over. On a later receive it is the message on its way there.
 */
const claimStatement = `
  with wanted as (
    select * from unnest($1::uuid[], $2::text[], $3::boolean[])
      with ordinality as w (id, tenant_id, redriven, place)
  ), locked as (
    select image.*, wanted.place, wanted.redriven, image.status = 'processing' as died
    from image join wanted using (id, tenant_id)
    where deleted_at is null
    order by image.id
    for update of image
  ), decided as (
    select place, id, presets, declared_sha256, lease_expires_at,
      case
        when status in ('ready', 'rejected') then 'finished'
        when status = 'processing' and lease_expires_at > now() then 'busy'
        when status = 'failed' and not redriven then 'failed'
        when died and failures + 1 >= $5 then 'exhausted'
        else 'claimed'
      end as outcome,
      case when status = 'failed' then 0 when died then failures + 1 else failures end as failures
    from locked
  ), written as (
    update image set
      status = case decided.outcome when 'claimed' then 'processing' else 'failed' end,
      attempt = image.attempt + 1,
      failures = decided.failures,
      lease_expires_at = case decided.outcome when 'claimed' then now() + make_interval(secs => $4) end,
      error_code = case decided.outcome when 'exhausted' then 'internal' end,
      error_detail = case decided.outcome when 'exhausted' then $6 end,
      updated_at = now()
    from decided
    where image.id = decided.id and decided.outcome in ('claimed', 'exhausted')
    returning image.id, image.attempt
  )
  select wanted.id as "imageId", wanted.tenant_id as tenant,
    case decided.outcome when 'exhausted' then 'failed' else coalesce(decided.outcome, 'missing') end as outcome,
    written.attempt, decided.failures, decided.presets, decided.declared_sha256 as "declaredSha256",
    extract(epoch from decided.lease_expires_at - now())::float8 as "leaseSeconds"
  from wanted
  left join decided using (place)
  left join written on written.id = decided.id
  order by wanted.place`;

/** What a tenant reads about an image that failed by our fault. */
export const failedDetail = 'The image could not be processed after several attempts. The fault is ours.';

/**
 * Claims the images of a batch for this worker. Each image may be wanted once; the answers are in the order of the
 * question.
 * @param leaseSeconds how long the claim holds; no worker may live longer than that.
 * @param maxAttempts counted failures at which an image ends as `failed`.
 * @throws TransientFailure `database_away`; nothing is claimed then, or the lease runs out by itself.
 */
export async function claimImages(
  connection: Connection,
  wanted: readonly Wanted[],
  { leaseSeconds, maxAttempts }: { leaseSeconds: number; maxAttempts: number },
): Promise<Claim[]> {
  const { rows } = await connection.query<Claim>(claimStatement, [
    wanted.map(({ imageId }) => imageId),
    wanted.map(({ tenant }) => tenant),
    wanted.map(({ redriven }) => redriven),
    leaseSeconds,
    maxAttempts,
    failedDetail,
  ]);
  return rows;
}
