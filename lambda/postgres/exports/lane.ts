import type { Connection } from '../connection/connection.ts';

/** A stream of a tenant. */
export interface Lane {
  tenant: string;
  /** A UUID of this stream. */
  holder: string;
}

const takeStatement = {
  name: 'take lane',
  text: `insert into export_stream as lane (tenant_id, holder, held_until)
    values ($1, $2, clock_timestamp() + make_interval(secs => $3))
    on conflict (tenant_id) do update set holder = excluded.holder, held_until = excluded.held_until
    where lane.held_until <= clock_timestamp()`,
};

/** Makes this the only stream of its tenant. @param seconds after which it has ended for certain @returns false if there is one */
export async function takeLane(
  connection: Connection,
  { tenant, holder }: Lane,
  seconds: number,
): Promise<boolean> {
  return (await connection.query(takeStatement, [tenant, holder, seconds])).rowCount === 1;
}

const leaveStatement = {
  name: 'leave lane',
  text: 'delete from export_stream where tenant_id = $1 and holder = $2',
};

/** Ends the stream, unless another one has its place. */
export async function leaveLane(connection: Connection, { tenant, holder }: Lane): Promise<void> {
  await connection.query(leaveStatement, [tenant, holder]);
}
