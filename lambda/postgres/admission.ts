/*
 * What admission asks of the database, as parts of the statement that inserts the row: the decision and the
 * insert see one snapshot. Requests that run side by side do not see each other's rows, so the limit may be
 * passed by at most as many images as the api has executions.
 */

/**
 * How many images are not finished, counted up to a bound and no further: at 50,000 an index-only scan of
 * `image_unfinished` of about 10 ms.
 * @param bound SQL for the number to stop at.
 */
export function unfinishedUpTo(bound: string): string {
  return `(select count(*) from (
    select from image where status in ('awaiting_upload', 'queued', 'processing') limit ${bound}) unfinished)`;
}

/** How many images came to an end in the last minute: what the workers get done, by the index `image_finished`. */
export const finishedInLastMinute = `(select count(*) from image
  where status in ('ready', 'rejected', 'failed') and updated_at > now() - interval '1 minute')`;
