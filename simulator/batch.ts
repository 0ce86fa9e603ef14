import { answerMs, finishMs } from '../lambda/process/time-budget.ts';
import type { Clock } from './clock.ts';
import type { Image, Message } from './image.ts';

/** An image, with all messages of the batch that name it. */
export interface Assignment {
  image: Image;
  messages: Message[];
  /** All of them are to complete it. */
  complete: boolean;
}
/** What a claim says of an image; `attempt` if it is this worker's. */
export type Claim = { attempt: number; begun: boolean } | { busyFor: number } | 'done';

export function assignmentsOf(messages: readonly Message[]): Assignment[] {
  const byImage = new Map<Image, Assignment>();
  for (const message of messages) {
    const known = byImage.get(message.image);
    if (known === undefined)
      byImage.set(message.image, {
        image: message.image,
        messages: [message],
        complete: message.complete,
      });
    else {
      known.messages.push(message);
      known.complete &&= message.complete;
    }
  }
  return [...byImage.values()];
}

/** The time of one invocation, shared out as in lambda/process/deadline.ts. In seconds. */
export class BatchTime {
  readonly #clock: Clock;
  readonly #end: number;
  readonly #finish: number;
  readonly #answer: number;
  readonly #decode: number;

  constructor(clock: Clock, timeoutSeconds: number, decodeLimitSeconds: number) {
    this.#clock = clock;
    this.#end = clock.now + timeoutSeconds;
    this.#finish = Math.min(finishMs / 1000, timeoutSeconds / 4);
    this.#answer = Math.min(answerMs / 1000, timeoutSeconds / 8);
    this.#decode = Math.min(decodeLimitSeconds, (timeoutSeconds - this.#finish) / 2);
  }

  remaining(): number {
    return this.#end - this.#clock.now;
  }
  forWork(): number {
    return Math.max(0, this.remaining() - this.#finish);
  }
  forRecord(): number {
    return Math.max(0, this.remaining() - this.#answer);
  }
  mayStart(): boolean {
    return this.forWork() > 0 && this.forWork() >= this.#decode;
  }
}
