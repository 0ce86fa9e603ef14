import { flightSeconds, lostSeconds, orderSeconds, type Sending, slowSeconds } from '../../domain/webhook.ts';
import type { Connection } from '../connection/connection.ts';

/** A delivery that is due, with what its request needs. */
export interface DueDelivery extends Sending {
  url: string;
  /** Those that are valid, the newest first. */
  secrets: string[];
  body: string;
}

/** The lock lives for a transaction. Its number is arbitrary. */
const takeTurn = {
  name: 'take turn',
  text: 'select pg_advisory_xact_lock($1)',
};
const turnLock = 7_358_203;

/*
 * The endpoints with unfinished deliveries, one look into the index each however many deliveries they have; of each that
 * may be called now its first deliveries, as many as may still be out. A failing endpoint has one out, so that a dead one
 * holds one call. One that has not answered for two seconds gets no more until it does: each call may hold an execution of
 * `deliver` for ten seconds, and those are for all endpoints. After twenty the call is over, and its result was lost: until it
 * is due again, three minutes after it was taken, it costs a place (of a failing endpoint the only one). A paused one is
 * probed with its first, due or not.
 */
const takeStatement = {
  name: 'take due deliveries',
  text: `with recursive waiting as (
      (select endpoint_id from webhook_delivery where state in ('pending', 'sent') order by endpoint_id limit 1)
      union all
      select (select next.endpoint_id from webhook_delivery next
        where next.state in ('pending', 'sent') and next.endpoint_id > waiting.endpoint_id
        order by next.endpoint_id limit 1)
      from waiting where waiting.endpoint_id is not null
    ), due as (
      select endpoint.id as endpoint_id, first.event_id, endpoint.url,
        array_remove(array[endpoint.secret, case when endpoint.previous_until > now() then endpoint.previous_secret end],
          null) as secrets
      from waiting
        join webhook_endpoint endpoint on endpoint.id = waiting.endpoint_id and endpoint.deleted_at is null
          and endpoint.state <> 'disabled' and coalesce(endpoint.held_until <= now(), true)
        cross join lateral (
          select count(*) as count, count(*) filter (
            where due_at between now() + make_interval(secs => $6) and now() + make_interval(secs => $5)) > 0 as is_slow
          from webhook_delivery
          where endpoint_id = endpoint.id and state = 'sent' and due_at > now()) as flying
        cross join lateral (
          select event_id from webhook_delivery candidate
          where endpoint_id = endpoint.id and state in ('pending', 'sent')
            and due_at <= case endpoint.state when 'paused' then 'infinity' else now() end
            and (state = 'pending' or due_at <= now())
            and not exists (
              select from webhook_delivery earlier
              where earlier.endpoint_id = endpoint.id and earlier.image_id = candidate.image_id
                and earlier.sequence < candidate.sequence and earlier.state in ('pending', 'sent')
                and coalesce(earlier.failed_since > now() - make_interval(secs => $3), true))
          order by due_at, event_id
          limit greatest(0, case when endpoint.failures > 0 or flying.is_slow then 1 else $1::integer end - flying.count)) as first
      limit $2
    ), locked as materialized (
      -- In the order of the results (settleDeliveries), one of which may come late; what it has ended stays so.
      select delivery.endpoint_id, delivery.event_id, due.url, due.secrets
      from due join webhook_delivery delivery
        on delivery.endpoint_id = due.endpoint_id and delivery.event_id = due.event_id
      where state = 'pending' or (state = 'sent' and due_at <= now())
      order by delivery.endpoint_id, delivery.event_id for no key update of delivery
    )
    update webhook_delivery delivery
    set state = 'sent', sendings = sendings + 1, due_at = now() + make_interval(secs => $4), updated_at = now()
    from locked
    where delivery.endpoint_id = locked.endpoint_id and delivery.event_id = locked.event_id
    returning delivery.endpoint_id as endpoint, delivery.event_id as event, sendings as sending,
      attempts + 1 as attempt, locked.url, locked.secrets, body`,
};

/**
 * Takes deliveries that are due, in the order of the events of an image. Only in a transaction: one execution at a time
 * takes, so that no endpoint gets more than its share.
 * @param inFlight most deliveries of an endpoint that may be out at once
 * @param limit most of all endpoints; if it is reached, more may be due
 */
export async function takeDue(
  connection: Connection,
  { inFlight, limit }: { inFlight: number; limit: number },
): Promise<DueDelivery[]> {
  await connection.query(takeTurn, [turnLock]);
  const { rows } = await connection.query<DueDelivery>(takeStatement, [
    inFlight,
    limit,
    orderSeconds,
    flightSeconds,
    flightSeconds - slowSeconds,
    flightSeconds - lostSeconds,
  ]);
  return rows;
}

const releaseStatement = {
  name: 'release deliveries',
  text: `update webhook_delivery delivery set state = 'pending', due_at = now(), updated_at = now()
    from unnest($1::uuid[], $2::uuid[], $3::integer[]) as unsent (endpoint, event, sending)
    where endpoint_id = unsent.endpoint and event_id = unsent.event and sendings = unsent.sending and state = 'sent'`,
};

/** Gives back deliveries that were taken and not sent. */
export async function releaseDeliveries(connection: Connection, unsent: readonly Sending[]): Promise<void> {
  await connection.query(releaseStatement, [
    unsent.map(({ endpoint }) => endpoint),
    unsent.map(({ event }) => event),
    unsent.map(({ sending }) => sending),
  ]);
}
