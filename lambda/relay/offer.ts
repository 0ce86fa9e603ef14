import type { ImageEvent, SinkName } from '../domain/event.ts';
import type { Outcome, UnsentEvent } from '../postgres/events/unsent.ts';
import type { Answer, Refusal, Sink } from './sink.ts';

/** An event that a sink never takes. */
export interface RefusedByASink {
  sink: SinkName;
  event: ImageEvent;
  code: Refusal['refused'];
}

/** Sends events to the queue of refused ones. Reports which were accepted; never throws. */
export type Park = (refused: readonly RefusedByASink[], signal: AbortSignal) => Promise<readonly boolean[]>;

export interface Offered {
  /** Of every event. */
  outcomes: Outcome[];
  /** Sinks that were offered events and answered nothing but "not now". */
  away: SinkName[];
  /** What a sink refused. */
  refused: (RefusedByASink & { parked: boolean })[];
}

/**
 * Offers all sinks at once what each has not accepted yet, each with the whole time: one that hangs takes none of the others'.
 * A sink that refuses an event keeps no other from getting it, and it does not get twice what it has accepted. What it
 * refuses for good is parked, and done with as far as it is concerned.
 * @param sinkMs milliseconds of each sink, with what is parked of it
 */
export async function offer(
  events: readonly UnsentEvent[],
  sinks: readonly Sink[],
  park: Park,
  sinkMs: number,
): Promise<Offered> {
  const accepted = new Map(events.map(({ event, accepted }) => [event.id, new Set(accepted)]));
  const offers = await Promise.all(
    sinks.map(async (sink) => {
      const offered = events.flatMap(({ event }) => (accepted.get(event.id)?.has(sink.name) ? [] : [event]));
      const given = await offerTo(sink, offered, park, AbortSignal.timeout(sinkMs));
      for (const event of given.accepted) accepted.get(event.id)?.add(sink.name);
      return { sink, ...given };
    }),
  );
  const away = offers.flatMap(({ sink, isAway }) => (isAway ? [sink.name] : []));
  const refused = offers.flatMap(({ refused }) => refused);
  const outcomes = events.map(({ event: { id, subject, sequence } }) => {
    const by = accepted.get(id) ?? new Set();
    return {
      imageId: subject,
      sequence: Number(sequence),
      sent: sinks.every(({ name }) => by.has(name)),
      accepted: [...by],
    };
  });
  return { outcomes, away, refused };
}

/** Offers events to a sink. */
async function offerTo(
  sink: Sink,
  offered: readonly ImageEvent[],
  park: Park,
  signal: AbortSignal,
): Promise<{ accepted: ImageEvent[]; isAway: boolean; refused: Offered['refused'] }> {
  if (offered.length === 0) return { accepted: [], isAway: false, refused: [] };
  const answers = await sink.send(offered, signal);
  const own = refusedOf(sink.name, offered, answers);
  const places = own.length === 0 ? [] : await park(own, signal);
  const done = new Set(own.filter((_, place) => places[place]).map(({ event }) => event));
  const accepted: ImageEvent[] = [];
  const stopped = new Set<string>();
  for (const [place, event] of offered.entries()) {
    // An event that overtook one of its image is sent again after that.
    if ((answers[place] === true || done.has(event)) && !stopped.has(event.subject)) accepted.push(event);
    else stopped.add(event.subject);
  }
  return {
    accepted,
    isAway: answers.every((answer) => answer === false),
    refused: own.map((one, place) => ({ ...one, parked: places[place] === true })),
  };
}

const refusedOf = (
  sink: SinkName,
  offered: readonly ImageEvent[],
  answers: readonly Answer[],
): RefusedByASink[] =>
  offered.flatMap((event, place) => {
    const answer = answers[place];
    return typeof answer === 'object' ? [{ sink, event, code: answer.refused }] : [];
  });
