import type { EndpointReason, EndpointState, WebhookEventType } from '../../domain/webhook.ts';
import type { Connection } from '../connection/connection.ts';

/** An endpoint as its tenant sees it. */
export interface Endpoint {
  id: string;
  url: string;
  /** All if empty. */
  types: WebhookEventType[];
  description: string;
  state: EndpointState;
  reason: EndpointReason | null;
  failures: number;
  /** Events that it got no delivery of while it was paused, since it was resumed by hand. */
  missed: number;
  /** Nothing is sent before. */
  heldUntil: Date | null;
  /** The secret before the last rotation signs until then. */
  previousUntil: Date | null;
  /** Counts the changes by its owner. */
  revision: number;
  createdAt: Date;
  updatedAt: Date;
}

/** An endpoint of a tenant. */
export interface EndpointRef {
  tenant: string;
  id: string;
}

export const endpointColumns = `id, url, types, description, state, reason, failures, missed,
  case when held_until > now() then held_until end as "heldUntil",
  case when previous_until > now() then previous_until end as "previousUntil",
  revision, created_at as "createdAt", updated_at as "updatedAt"`;

/** What an owner sets. */
export type EndpointSettings = Pick<Endpoint, 'url' | 'types' | 'description'>;

/** All endpoints of a tenant, oldest first. They are few. */
export async function listEndpoints(connection: Connection, tenant: string): Promise<Endpoint[]> {
  const { rows } = await connection.query<Endpoint>(
    `select ${endpointColumns} from webhook_endpoint where tenant_id = $1 and deleted_at is null order by id`,
    [tenant],
  );
  return rows;
}

/** An endpoint; undefined if unknown, deleted or another tenant's (I11). */
export async function findEndpoint(
  connection: Connection,
  { tenant, id }: EndpointRef,
): Promise<Endpoint | undefined> {
  const { rows } = await connection.query<Endpoint>(
    `select ${endpointColumns} from webhook_endpoint where id = $1 and tenant_id = $2 and deleted_at is null`,
    [id, tenant],
  );
  return rows[0];
}

/** Whether `enabled` starts or stops the endpoint, by its state at the time of the update: dispatch may have changed it. */
const toggled = `($6::boolean = (state = 'disabled')) is true`;

/**
 * Changes an endpoint that still has this revision, and raises the revision if that changes anything. `enabled` starts and
 * stops it; null leaves its state. @returns undefined if it has another revision
 */
export async function editEndpoint(
  connection: Connection,
  { tenant, id }: EndpointRef,
  {
    url,
    types,
    description,
    enabled,
    revision,
  }: EndpointSettings & { enabled: boolean | null; revision: number },
): Promise<Endpoint | undefined> {
  const changed = `((url, types, description) is distinct from ($3, $4, $5) or ${toggled})`;
  const { rows } = await connection.query<Endpoint>(
    `update webhook_endpoint set url = $3, types = $4, description = $5,
       revision = revision + ${changed}::integer,
       updated_at = case when ${changed} then now() else updated_at end,
       state = case when not ${toggled} then state when $6 then 'active' else 'disabled' end,
       reason = case when not ${toggled} then reason when $6 then null else 'owner' end,
       failures = case when ${toggled} and $6 then 0 else failures end,
       held_until = case when ${toggled} and $6 then null else held_until end
     where id = $1 and tenant_id = $2 and deleted_at is null and revision = $7
     returning ${endpointColumns}`,
    [id, tenant, url, types, description, enabled, revision],
  );
  return rows[0];
}

/**
 * Replaces the secret; the one before signs too for so many seconds. A repetition, with the secret that signs already, changes
 * nothing. @returns the end of that, or undefined
 */
export async function rotateSecret(
  connection: Connection,
  { tenant, id }: EndpointRef,
  { secret, keepSeconds }: { secret: string; keepSeconds: number },
): Promise<Date | undefined> {
  const { rows } = await connection.query<{ until: Date }>(
    'select until from rotate_webhook_secret($1, $2, $3, $4) as until',
    [id, tenant, secret, keepSeconds],
  );
  return rows[0]?.until;
}

/** Ends a pause: everything that waits is due. @returns undefined if there is no such endpoint, or it is disabled */
export async function resumeEndpoint(
  connection: Connection,
  { tenant, id }: EndpointRef,
): Promise<Endpoint | undefined> {
  const { rows } = await connection.query<Endpoint>(
    `with resumed as (
       update webhook_endpoint set state = 'active', reason = null, failures = 0, missed = 0, made_in_pause = 0,
         held_until = null, updated_at = now()
       where id = $1 and tenant_id = $2 and deleted_at is null and state <> 'disabled'
       returning ${endpointColumns}
     ), late as materialized (
       select endpoint_id, event_id from webhook_delivery
       where endpoint_id = (select id from resumed) and state = 'pending' and due_at > now()
       limit 1000 for no key update skip locked
     ), due as (
       update webhook_delivery delivery set due_at = now(), updated_at = now()
       from late where delivery.endpoint_id = late.endpoint_id and delivery.event_id = late.event_id
     )
     select * from resumed`,
    [id, tenant],
  );
  return rows[0];
}

/** Hides an endpoint; nothing is sent to it any more. @returns whether there was one */
export async function deleteEndpoint(connection: Connection, { tenant, id }: EndpointRef): Promise<boolean> {
  const { rowCount } = await connection.query(
    `update webhook_endpoint set deleted_at = now(), updated_at = now()
     where id = $1 and tenant_id = $2 and deleted_at is null`,
    [id, tenant],
  );
  return rowCount === 1;
}
