import type { Connection } from '../connection/connection.ts';

const takeStatement = {
  name: 'take relay lease',
  text: `update relay_lease set holder = $1, held_until = clock_timestamp() + make_interval(secs => $2)
     where held_until <= clock_timestamp() returning stalls`,
};

/**
 * Makes the caller the only relay at work. The lease ends by itself if it is not renewed (`recordOutcomes`).
 * @param holder a UUID of this run of the relay.
 * @returns in how many runs before, without one in between that did not, a sink was away; undefined if another relay is at
 *   work or waits for a sink.
 */
export async function takeRelayLease(
  connection: Connection,
  holder: string,
  seconds: number,
): Promise<{ stalls: number } | undefined> {
  const { rows } = await connection.query<{ stalls: number }>(takeStatement, [holder, seconds]);
  return rows[0];
}

const endStatement = {
  name: 'end relay lease',
  text: `update relay_lease set holder = null, held_until = clock_timestamp() + make_interval(secs => $2), stalls = $3
     where holder = $1`,
};

/**
 * Ends the caller's lease, unless another relay has taken it.
 * @param pauseSeconds time until a relay may be at work again.
 */
export async function endRelayLease(
  connection: Connection,
  holder: string,
  { pauseSeconds = 0, stalls = 0 }: { pauseSeconds?: number; stalls?: number } = {},
): Promise<void> {
  await connection.query(endStatement, [holder, pauseSeconds, stalls]);
}
