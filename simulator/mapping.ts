import type { Clock } from './clock.ts';
import { valueAt } from './distributions.ts';
import type { Message } from './image.ts';
import type { Parts } from './parts.ts';
import { Worker } from './worker.ts';

/** A mapping without messages for so long begins anew with few invocations. */
const quietSeconds = 60;
/** Idle environments are gone after this long: assumed. */
const environmentSeconds = 600;

/**
 * The event source mapping and the environments of the worker. Messages are invoked in batches, as many at once as the
 * mapping has reached: five when messages come, and 300 more a minute while some wait, up to MaximumConcurrency ("Configuring
 * scaling behavior for SQS event source mappings", AWS Lambda Developer Guide).
 */
export class Mapping {
  readonly #parts: Parts;
  readonly #clock: Clock;
  /** Environments that are invoked. */
  readonly #busy = new Set<Worker>();
  /** Environments that wait, the one used last at the end. */
  #idle: Worker[] = [];
  #generation = 0;
  /** Invocations that the mapping makes at once now. */
  #reached: number;
  #growing = false;
  #emptyAt = 0;
  /** Pollers with a batch or about to receive one, and those of them that have none yet. */
  #polling = 0;
  #receiving = 0;
  /** Executions in flight, and the most that there were. */
  active = 0;
  peak = 0;
  invocations = 0;
  coldStarts = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#clock = parts.clock;
    this.#reached = Math.min(parts.scenario.worker.scaling.first, parts.scenario.worker.cap);
    parts.queue.onVisible = () => this.deliver();
    for (const at of parts.scenario.deploys)
      parts.clock.after(at, () => {
        this.#generation += 1;
        this.#idle = [];
      });
  }

  /** Whether any environment makes only the cheapest variants. */
  get isBrownOut(): boolean {
    for (const { brownOut } of this.#busy) if (brownOut.active) return true;
    return false;
  }

  deliver(): void {
    const { queue, scenario } = this.#parts;
    // A message is received by one of them.
    while (this.#polling < this.#reached && queue.visible > this.#receiving) this.#start();
    if (queue.visible > 0 && !this.#growing && this.#reached < scenario.worker.cap) this.#grow();
    if (queue.visible === 0 && this.#polling === 0) this.#emptyAt = this.#clock.now;
  }

  #grow(): void {
    const { cap, scaling } = this.#parts.scenario.worker;
    this.#growing = true;
    this.#clock.after(1, () => {
      this.#growing = false;
      if (this.#parts.queue.visible > 0) this.#reached = Math.min(cap, this.#reached + scaling.perSecond);
      this.deliver();
    });
  }

  #start(): void {
    const { queue, scenario, random } = this.#parts;
    const { first } = scenario.worker.scaling;
    if (this.#polling === 0 && this.#clock.now - this.#emptyAt > quietSeconds)
      this.#reached = Math.min(first, scenario.worker.cap);
    this.#polling += 1;
    this.#receiving += 1;
    const wait = valueAt(scenario.times.receive, random());
    const begin = () => {
      this.#receiving -= 1;
      const messages = queue.receive(scenario.worker.batchSize);
      if (messages.length === 0) return this.#end(undefined);
      this.#clock.start(this.#invoke(messages));
    };
    if (wait > 0) this.#clock.after(wait, begin);
    else begin();
  }

  *#invoke(messages: Message[]) {
    const { scenario, random } = this.#parts;
    const generation = this.#generation;
    this.invocations += 1;
    this.active += 1;
    this.peak = Math.max(this.peak, this.active);
    let worker = this.#idle.pop();
    if (worker === undefined || this.#clock.now - worker.usedAt > environmentSeconds) {
      this.coldStarts += 1;
      worker = new Worker(this.#parts);
      const start = valueAt(scenario.times.workerStart, random());
      if (start > 0) yield start;
    }
    this.#busy.add(worker);
    yield* worker.invoke(messages);
    this.#busy.delete(worker);
    this.active -= 1;
    worker.usedAt = this.#clock.now;
    this.#end(generation === this.#generation ? worker : undefined);
  }

  #end(worker: Worker | undefined): void {
    this.#polling -= 1;
    if (worker !== undefined) this.#idle.push(worker);
    this.deliver();
  }
}
