import type { Clock } from './clock.ts';
import { FairQueue } from './fair-queue.ts';
import type { Image, Message } from './image.ts';

export interface QueueModel {
  maxReceiveCount: number;
  /** False delivers in the order of arrival. */
  fair: boolean;
}

/** A standard queue of SQS with message groups: visibility, receive counts, the dead-letter queue. */
export class Queue {
  readonly #clock: Clock;
  readonly #model: QueueModel;
  readonly #fair = new FairQueue<Message>();
  /** Called for each message that becomes visible. */
  onVisible: () => void = () => {};
  inFlight = 0;
  readonly dead: Message[] = [];
  /** Receives of all messages. */
  receives = 0;
  mostReceives = 0;

  constructor(clock: Clock, model: QueueModel) {
    this.#clock = clock;
    this.#model = model;
  }

  get visible(): number {
    return this.#fair.size;
  }
  get depth(): number {
    return this.visible + this.inFlight;
  }

  send(image: Image, complete = false): void {
    const { now } = this.#clock;
    this.#arrive({ image, complete, sentAt: now, firstReceivedAt: undefined, receives: 0 });
  }

  /** Received messages stay hidden until they are deleted or shown again. */
  receive(most: number): Message[] {
    const now = this.#clock.now * 1000;
    const received: Message[] = [];
    while (received.length < most) {
      const message = this.#fair.next(now);
      if (message === undefined) break;
      if (message.receives >= this.#model.maxReceiveCount) {
        this.dead.push(message);
        continue;
      }
      message.receives += 1;
      message.firstReceivedAt ??= this.#clock.now;
      this.receives += 1;
      this.mostReceives = Math.max(this.mostReceives, message.receives);
      this.#fair.begin(message, now);
      this.inFlight += 1;
      received.push(message);
    }
    return received;
  }

  delete(message: Message): void {
    this.#fair.end(message, this.#clock.now * 1000);
    this.inFlight -= 1;
  }

  /** The worker sent it to the dead-letter queue by itself. */
  bury(message: Message): void {
    this.delete(message);
    this.dead.push(message);
  }

  /** It becomes visible again after these seconds, and is in flight until then. */
  hide(message: Message, seconds: number): void {
    this.#clock.after(seconds, () => {
      this.delete(message);
      this.#arrive(message);
    });
  }

  #arrive(message: Message): void {
    this.#fair.arrive(message, this.#model.fair ? message.image.tenant : undefined);
    this.onVisible();
  }
}
