/** Older images that one arrival ends at most. Those beyond it end when they are claimed. */
const olderAtOnce = 100;

/**
 * SQL of two CTEs that end older queued images of the same names as `superseded`: `overtaken`, and `superseded` with what
 * it ended. The order is that of the ids, which are the tickets' times. An image that somebody else has locked is skipped
 * instead of waited for, because its lock may wait for one held here; its next claim ends it.
 * @param arrived SQL of a relation with `id`, `tenant_id` and `replaces` of images whose files have arrived, at most one
 *   of each name.
 * @param except SQL of an array of ids to leave alone.
 */
export function endOlder(arrived: string, except = "'{}'::uuid[]"): string {
  return `overtaken as (
    select older.id, arrived.id as by from ${arrived} arrived cross join lateral (
      select image.id from image
      where image.tenant_id = arrived.tenant_id and image.replaces = arrived.replaces and image.status = 'queued'
        and image.deleted_at is null and image.id < arrived.id and image.id <> all(${except})
      order by image.id desc limit ${olderAtOnce} for update skip locked
    ) older
    where arrived.replaces is not null
  ), superseded as (
    update image set status = 'superseded', superseded_by = overtaken.by, lease_stage = null, updated_at = now()
    from overtaken where image.id = overtaken.id
    returning image.id, overtaken.by
  )`;
}

/** Statuses of images whose file has certainly arrived. A deleted image supersedes nothing that still waits. */
export const arrivedStatuses = ['queued', 'processing', 'ready', 'rejected', 'failed', 'superseded'] as const;

/** Newest tickets of a name that a worker looks up in the bucket: a producer may take tickets and not use them. */
const ticketsToCheck = 3;

/** SQL of an array of the newest unused tickets of an image's name that are newer than the image. */
export function newerTickets(image: string): string {
  return `array(
    select newer.id from image newer
    where newer.tenant_id = ${image}.tenant_id and newer.replaces = ${image}.replaces
      and newer.status = 'awaiting_upload' and newer.deleted_at is null and newer.id > ${image}.id
    order by newer.id desc limit ${ticketsToCheck})`;
}

/**
 * SQL of the newest image of a locked image's name whose file has arrived. An image with a message in the same batch has
 * arrived too, whatever its row says.
 */
export const newestArrived = `
  select locked.place, newest.id from locked cross join lateral (
    select found.id from (
      select one.id from unnest(array['${arrivedStatuses.join("', '")}']) as arrived (status) cross join lateral (
        select image.id from image
        where image.tenant_id = locked.tenant_id and image.replaces = locked.replaces
          and image.status = arrived.status and image.deleted_at is null and image.id > locked.id
        order by image.id desc limit 1) one
      union all
      select other.id from locked other
      where other.tenant_id = locked.tenant_id and other.replaces = locked.replaces and other.id > locked.id
    ) found order by found.id desc limit 1
  ) newest
  where locked.replaces is not null`;
