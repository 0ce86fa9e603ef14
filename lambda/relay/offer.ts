import type { SinkName } from '../domain/event.ts';
import type { Outcome, UnsentEvent } from '../postgres/events/unsent.ts';
import type { Sink } from './sink.ts';

export interface Offered {
  /** Of every event. */
  outcomes: Outcome[];
  /** Sinks that were offered events and accepted none. */
  away: SinkName[];
}

/**
 * Offers each sink in turn what it has not accepted yet. A sink that refuses an event keeps no other from getting it, and
 * it does not get twice what it has accepted.
 */
export async function offer(
  events: readonly UnsentEvent[],
  sinks: readonly Sink[],
  signal: AbortSignal,
): Promise<Offered> {
  const away: SinkName[] = [];
  const accepted = new Map(events.map(({ event, accepted }) => [event.id, new Set(accepted)]));
  for (const sink of sinks) {
    const offered = events.flatMap(({ event }) => (accepted.get(event.id)?.has(sink.name) ? [] : [event]));
    if (offered.length === 0) continue;
    const answers = await sink.send(offered, signal);
    const stopped = new Set<string>();
    for (const [place, { id, subject }] of offered.entries()) {
      // An event that overtook a refused one of its image is sent again after that.
      if (answers[place] === true && !stopped.has(subject)) accepted.get(id)?.add(sink.name);
      else stopped.add(subject);
    }
    if (!answers.includes(true)) away.push(sink.name);
  }
  const outcomes = events.map(({ event: { id, subject, sequence } }) => {
    const by = accepted.get(id) ?? new Set();
    return {
      imageId: subject,
      sequence: Number(sequence),
      sent: sinks.every(({ name }) => by.has(name)),
      accepted: [...by],
    };
  });
  return { outcomes, away };
}
