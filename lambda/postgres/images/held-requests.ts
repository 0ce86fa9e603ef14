import type { ImageRef } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';

/* Requests that wait for a change of an image (`wait=`) hold their execution, and no transaction or lock. */

/**
 * Whether this session's environment may hold requests: it is one of the `most` oldest of its role. Older sessions only
 * end, so there are never more, without a lock or a row to update. A frozen environment keeps its place until its session
 * ends, after five minutes. False behind a pooler, where sessions belong to no environment; those have no idle timeout.
 */
export async function mayHoldRequest(connection: Connection, most: number): Promise<boolean> {
  const { rows } = await connection.query<{ may: boolean }>(
    `with session as materialized (
       select pid, backend_start from pg_stat_activity
       where usename = current_user and datname = current_database() and backend_type = 'client backend'
     )
     select current_setting('idle_session_timeout') <> '0' and $1::int > (
       select count(*) from session, session own
       where own.pid = pg_backend_pid() and (session.backend_start, session.pid) < (own.backend_start, own.pid)
     ) as may`,
    [most],
  );
  return rows[0]?.may ?? false;
}

const lastChangeStatement = {
  name: 'last change',
  text: `select greatest(updated_at, edited_at) as "updatedAt" from image where id = $1 and tenant_id = $2 and deleted_at is null`,
};

/** Time of an image's latest change, one look-up by primary key; undefined if unknown, deleted or another tenant's. */
export async function lastChange(
  connection: Connection,
  { tenant, imageId }: ImageRef,
): Promise<Date | undefined> {
  const { rows } = await connection.query<{ updatedAt: Date }>(lastChangeStatement, [imageId, tenant]);
  return rows[0]?.updatedAt;
}
