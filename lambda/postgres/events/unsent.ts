import type { ImageEvent } from '../../domain/event.ts';
import type { Connection } from '../connection/connection.ts';
import { type EventRow, eventColumns, eventOf } from './event-row.ts';

/** An event to be sent, and the sinks that have accepted it. */
export interface UnsentEvent {
  event: ImageEvent;
  accepted: string[];
}

const unsentStatement = {
  name: 'unsent events',
  text: `select ${eventColumns}, accepted from image_event
     where sent_at is null and image_id <> all($1::uuid[]) order by position limit $2`,
};

/**
 * The first unsent events by position, without those of some images. Always from the start: transactions commit in any
 * order, and an event that appears before a later one of another image must not be passed over. Of one image, no event
 * appears before an earlier one.
 */
export async function unsentEvents(
  connection: Connection,
  { limit, except = [] }: { limit: number; except?: readonly string[] },
): Promise<UnsentEvent[]> {
  const { rows } = await connection.query<EventRow & { accepted: string[] }>(unsentStatement, [
    except,
    limit,
  ]);
  return rows.map(({ accepted, ...row }) => ({ event: eventOf(row), accepted }));
}

/** What became of an event: sent, once all sinks have accepted it. */
export interface Outcome {
  imageId: string;
  sequence: number;
  sent: boolean;
  /** Sinks that have accepted it. */
  accepted: readonly string[];
}

/*
 * The lease decides: a relay that has lost it records nothing, and another sends those events again. `coalesce` keeps the
 * planner from the index of unsent events, of which it would read all while its statistics say that they are few.
 */
const outcomesStatement = {
  name: 'record event outcomes',
  text: `with lease as (
       update relay_lease set held_until = clock_timestamp() + make_interval(secs => $2)
       where holder = $1 and held_until > clock_timestamp() returning holder
     ), outcome as (
       select * from jsonb_to_recordset($3::jsonb) as o ("imageId" uuid, sequence int, sent boolean, accepted text[])
     ), written as (
       update image_event e set accepted = o.accepted, sent_at = case when o.sent then clock_timestamp() end
       from lease, outcome o where e.image_id = o."imageId" and e.sequence = o.sequence
         and coalesce(e.sent_at, 'infinity') = 'infinity'
     )
     select from lease`,
};

/** Records outcomes and renews the lease. @returns false if the lease was lost; nothing is recorded then. */
export async function recordOutcomes(
  connection: Connection,
  { holder, leaseSeconds }: { holder: string; leaseSeconds: number },
  outcomes: readonly Outcome[],
): Promise<boolean> {
  const { rowCount } = await connection.query(outcomesStatement, [
    holder,
    leaseSeconds,
    JSON.stringify(outcomes),
  ]);
  return rowCount === 1;
}

/** Unsent events. */
export interface EventLag {
  /** At most as many as were to be counted. */
  count: number;
  /** Age in seconds of the first by position; 0 without any. */
  oldestSeconds: number;
}

/** Counting this many takes milliseconds. */
const lagCounted = 10_000;

const lagStatement = {
  name: 'event lag',
  text: `select count(*), coalesce(greatest(0, extract(epoch from clock_timestamp() - min(time))), 0)::float8 as "oldestSeconds"
     from (select time from image_event where sent_at is null order by position limit $1) unsent`,
};

export async function eventLag(connection: Connection, counted: number = lagCounted): Promise<EventLag> {
  const { rows } = await connection.query<EventLag>(lagStatement, [counted]);
  return rows[0] ?? { count: 0, oldestSeconds: 0 };
}
