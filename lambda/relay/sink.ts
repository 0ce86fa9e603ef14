import type { ImageEvent, SinkName } from '../domain/event.ts';

/** Takes events, each at least once, those of an image in order. */
export interface Sink {
  readonly name: SinkName;
  /**
   * Sends events, which come by position. Tells for each, in order, whether it was accepted for good. After an event that
   * it refuses it must not send later ones of the same image. None accepted means that the sink is away: the relay pauses.
   * Never throws.
   * @param signal ends the call a few seconds before the relay's lease does.
   */
  send(events: readonly ImageEvent[], signal: AbortSignal): Promise<readonly boolean[]>;
}
