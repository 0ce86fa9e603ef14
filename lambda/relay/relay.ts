import { randomUUID } from 'node:crypto';
import { relayPauseSeconds } from '../policy/relay-pause.ts';
import { causeState } from '../postgres/connection/failures.ts';
import { endRelayLease, takeRelayLease } from '../postgres/events/relay-lease.ts';
import { type EventLag, eventLag, unsentEvents } from '../postgres/events/unsent.ts';
import type { RemainingTime } from '../runtime/handler.ts';
import type { Dependencies } from './dependencies.ts';
import { type Round, sendRound } from './round.ts';
import { wakeAfter } from './wake.ts';

/** Seconds that a relay may give no sign of life. */
const usualLeaseSeconds = 20;

export interface RelayReport {
  /** Events that all sinks have accepted. */
  sent: number;
  /** `busy`: another relay is at work, or waits until a sink is tried again. */
  end: 'drained' | 'stalled' | 'out_of_time' | 'lease_lost' | 'busy';
  lag?: EventLag;
}

/**
 * Sends unsent events to every sink, in order within each image. One relay is at work at a time, by a lease in the
 * database. It looks once more after the end of its lease: whoever was turned away meanwhile had an event that it sees.
 * A run that leaves events behind starts the next one: at the end of its pause, or of a lease that it could not end.
 */
export async function relayEvents(
  dependencies: Dependencies,
  remaining: RemainingTime,
  leaseSeconds: number = usualLeaseSeconds,
): Promise<RelayReport> {
  const { metrics } = dependencies;
  const holder = randomUUID();
  const waiting = new Set<string>();
  let sent = 0;
  for (;;) {
    const lease = await take(dependencies, holder, leaseSeconds);
    if (lease === undefined) return { sent, end: 'busy' };
    const terms = { holder, leaseSeconds, remaining, stalls: lease.stalls };
    const { round, pauseSeconds, lag, more } = await relayRound(dependencies, terms, waiting).catch(
      async (error) => {
        await wakeAfter(leaseSeconds, dependencies);
        throw error;
      },
    );
    sent += round.sent;
    if (more) continue;
    metrics.add('EventsUnsent', {}, lag.count);
    metrics.add('EventsUnsentSeconds', {}, lag.oldestSeconds);
    // One that had no time to send anything would begin another like it.
    const cutOff = round.end === 'out_of_time' && sent > 0 && lag.count > 0;
    if (round.end === 'stalled' || cutOff) await wakeAfter(pauseSeconds, dependencies);
    return { sent, end: round.end, lag };
  }
}

/** A round under a lease, which it ends. `more`: events have come in the meantime. */
async function relayRound(
  dependencies: Dependencies,
  terms: { holder: string; leaseSeconds: number; remaining: RemainingTime; stalls: number },
  waiting: Set<string>,
): Promise<{ round: Round; pauseSeconds: number; lag: EventLag; more: boolean }> {
  const round = await sendRound(dependencies, terms, waiting);
  const stalls = round.end === 'stalled' ? terms.stalls + 1 : 0;
  const pauseSeconds = stalls === 0 ? 0 : relayPauseSeconds(stalls);
  return dependencies.database.run(async (connection) => {
    await endRelayLease(connection, terms.holder, { pauseSeconds, stalls });
    const lag = await eventLag(connection);
    const ended = { round, pauseSeconds, lag };
    if (lag.count === 0 || round.end !== 'drained') return { ...ended, more: false };
    // Refused events are no reason: they wait for the next run.
    const next = await unsentEvents(connection, { limit: 1, except: [...waiting] });
    return { ...ended, more: next.length > 0 };
  });
}

/** Undefined too if the role's one connection is taken, which is then another relay's. */
async function take(
  { database }: Dependencies,
  holder: string,
  leaseSeconds: number,
): Promise<{ stalls: number } | undefined> {
  try {
    return await database.run((connection) => takeRelayLease(connection, holder, leaseSeconds));
  } catch (error) {
    if (causeState(error) === tooManyConnections) return undefined;
    throw error;
  }
}

const tooManyConnections = '53300';
