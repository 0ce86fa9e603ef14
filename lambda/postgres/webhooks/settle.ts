import {
  type CallFault,
  deliveryLifeSeconds,
  type Ending,
  type EndpointHealth,
  type HealthAfter,
  type Sending,
} from '../../domain/webhook.ts';
import type { Connection } from '../connection/connection.ts';

const lockStatement = {
  name: 'lock endpoints',
  text: `select id, state, reason, failures from webhook_endpoint where id = any($1::uuid[]) order by id
    for no key update`,
};

/** Health of these endpoints, locked until the end of the transaction. Unknown ones are absent. */
export async function lockEndpoints(
  connection: Connection,
  ids: readonly string[],
): Promise<Map<string, EndpointHealth>> {
  const { rows } = await connection.query<EndpointHealth & { id: string }>(lockStatement, [ids]);
  return new Map(rows.map(({ id, ...health }) => [id, health]));
}

/*
 * A hold is not shortened by what other requests came to, which were out when the receiver asked for it: it ends by its
 * time, or with a pause. What is made in a pause is counted from its beginning, however the one before has ended.
 */
const healthStatement = {
  name: 'record health',
  text: `update webhook_endpoint endpoint
    set state = after.state, reason = after.reason, failures = after.failures,
      made_in_pause = case when endpoint.state = 'paused' and after.state = 'paused' then made_in_pause else 0 end,
      held_until = greatest(case when after.state in (endpoint.state, 'paused') then held_until end,
        case when after.hold > 0 then now() + make_interval(secs => after.hold) end)
    from unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::float8[])
      as after (id, state, reason, failures, hold)
    where endpoint.id = after.id`,
};

/** Records the health of endpoints that `lockEndpoints` has locked. */
export async function recordHealth(
  connection: Connection,
  after: ReadonlyMap<string, HealthAfter>,
): Promise<void> {
  const all = [...after.values()];
  await connection.query(healthStatement, [
    [...after.keys()],
    all.map(({ state }) => state),
    all.map(({ reason }) => reason),
    all.map(({ failures }) => failures),
    all.map(({ holdSeconds }) => holdSeconds),
  ]);
}

/** What became of a sending. */
export interface Settlement extends Sending {
  ending: Ending;
  /** Seconds until the next attempt, if there is one. */
  pauseSeconds: number;
  status: number | null;
  fault: CallFault | null;
}

const settleStatement = {
  name: 'settle deliveries',
  text: `with ended as materialized (
      select * from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[], $5::text[], $6::float8[], $7::smallint[],
        $8::text[]) as ended (endpoint, event, sending, attempt, ending, pause, status, fault)
    ), locked as materialized (
      -- In the order of \`takeDue\`, which takes again what has had no result for too long.
      select delivery.endpoint_id as endpoint, delivery.event_id as event
      from ended join webhook_delivery delivery on endpoint_id = ended.endpoint and event_id = ended.event
      where sendings = ended.sending and state = 'sent'
      order by delivery.endpoint_id, delivery.event_id for no key update of delivery
    )
    update webhook_delivery delivery
    set state = case
        when ended.ending = 'delivered' then 'delivered'
        when ended.ending <> 'stale' and since + make_interval(secs => $9) <= now() + make_interval(secs => ended.pause)
          then 'dead'
        else 'pending' end,
      attempts = case when ended.ending = 'stale' then attempts else ended.attempt end,
      due_at = now() + make_interval(secs => ended.pause),
      failed_since = case when ended.ending in ('failed', 'gone') then coalesce(failed_since, now())
        else failed_since end,
      last_status = case when ended.ending = 'stale' then last_status else ended.status end,
      last_fault = case when ended.ending = 'stale' then last_fault else ended.fault end,
      last_at = case when ended.ending = 'stale' then last_at else now() end,
      updated_at = now()
    from locked join ended using (endpoint, event)
    where endpoint_id = locked.endpoint and event_id = locked.event and sendings = ended.sending and state = 'sent'
    returning endpoint_id as endpoint, delivery.state, ended.ending`,
};

/** A delivery after a settlement. */
export interface Settled {
  endpoint: string;
  state: 'delivered' | 'pending' | 'dead';
  ending: Ending;
}

/** Records what became of sendings. Results of earlier sendings change nothing and are absent from the result. */
export async function settleDeliveries(
  connection: Connection,
  settlements: readonly Settlement[],
): Promise<Settled[]> {
  const { rows } = await connection.query<Settled>(settleStatement, [
    settlements.map(({ endpoint }) => endpoint),
    settlements.map(({ event }) => event),
    settlements.map(({ sending }) => sending),
    settlements.map(({ attempt }) => attempt),
    settlements.map(({ ending }) => ending),
    settlements.map(({ pauseSeconds }) => pauseSeconds),
    settlements.map(({ status }) => status),
    settlements.map(({ fault }) => fault),
    deliveryLifeSeconds,
  ]);
  return rows;
}

const bringForwardStatement = {
  name: 'bring deliveries forward',
  text: `with late as materialized (
      select endpoint_id, event_id from webhook_delivery
      where endpoint_id = any($1::uuid[]) and state = 'pending' and due_at > now() + make_interval(secs => $2)
      limit 1000 for no key update skip locked
    )
    update webhook_delivery delivery
    set due_at = now() + make_interval(secs => random() * $2), updated_at = now()
    from late where delivery.endpoint_id = late.endpoint_id and delivery.event_id = late.event_id`,
};

/** Makes deliveries due within so many seconds whose pauses grew while their endpoints did not respond. */
export async function bringForward(
  connection: Connection,
  endpoints: readonly string[],
  withinSeconds: number,
): Promise<void> {
  await connection.query(bringForwardStatement, [endpoints, withinSeconds]);
}
