import type { ImageEvent, SinkName } from '../domain/event.ts';

/** What a sink never takes as it is, however often it comes: a stable code. */
export interface Refusal {
  refused: 'event_too_large' | 'malformed';
}

/** Accepted for good; not now; or never. */
export type Answer = boolean | Refusal;

/** Takes events, each at least once, those of an image in order. */
export interface Sink {
  readonly name: SinkName;
  /**
   * Sends events, which come by position. Answers for each, in order. After an event that it does not take now it must not
   * send later ones of the same image; a refused one is no reason, it goes to the queue of refused events. Nothing but "not
   * now" means that the sink is away: the relay pauses. Never throws.
   * @param signal ends the call a few seconds before the relay's lease does.
   */
  send(events: readonly ImageEvent[], signal: AbortSignal): Promise<readonly Answer[]>;
}
