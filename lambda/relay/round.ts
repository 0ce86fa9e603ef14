import { recordOutcomes, unsentEvents } from '../postgres/events/unsent.ts';
import type { RemainingTime } from '../runtime/handler.ts';
import type { Dependencies } from './dependencies.ts';
import { offer } from './offer.ts';

/** Events that are sent and recorded together. */
const batchSize = 200;
/** Limit of a batch at each sink, all at once. It leaves half of the lease for the two statements. */
const sinkMs = 10_000;
/** A batch that begins has this time. */
const batchMs = 15_000;
/** Images of which an event was not taken, in a run. The statement that reads takes all of them. */
const mostRefused = 1_000;

export interface Round {
  sent: number;
  end: 'drained' | 'stalled' | 'out_of_time' | 'lease_lost';
}

/**
 * Sends batches until nothing is left, a sink is away or the time is over. An event that a sink did not take, and all later
 * ones of its image, wait for the next run.
 * @param waiting images of such events; the round adds to them
 */
export async function sendRound(
  { database, sinks, park, log, metrics }: Dependencies,
  { holder, leaseSeconds, remaining }: { holder: string; leaseSeconds: number; remaining: RemainingTime },
  waiting: Set<string>,
): Promise<Round> {
  const round = { sent: 0 };
  while (remaining() >= batchMs) {
    const events = await database.run((connection) =>
      unsentEvents(connection, { limit: batchSize, except: [...waiting] }),
    );
    if (events.length === 0) return { ...round, end: 'drained' };
    const { outcomes, away, refused } = await offer(events, sinks, park, sinkMs);
    const held = await database.run((connection) =>
      recordOutcomes(connection, { holder, leaseSeconds }, outcomes),
    );
    if (!held) {
      log.warn('Another relay has taken over', { events: events.length });
      return { ...round, end: 'lease_lost' };
    }
    const sent = outcomes.filter((outcome) => outcome.sent).length;
    round.sent += sent;
    metrics.add('EventsSent', {}, sent);
    for (const { imageId, sent } of outcomes) if (!sent) waiting.add(imageId);
    for (const { sink: Sink, event, code, parked } of refused) {
      metrics.add('EventsRefused', { Sink });
      const text = parked ? 'A sink refused an event' : 'An event that a sink refused was not parked';
      log.error(text, { sink: Sink, code, event: event.id, imageId: event.subject });
    }
    for (const Sink of away) metrics.add('SinkAway', { Sink });
    if (away.length > 0) log.warn('A sink accepts nothing', { sinks: away, events: events.length });
    if (away.length > 0 || waiting.size >= mostRefused) return { ...round, end: 'stalled' };
    if (events.length < batchSize) return { ...round, end: 'drained' };
  }
  return { ...round, end: 'out_of_time' };
}
