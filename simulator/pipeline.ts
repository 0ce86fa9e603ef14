import type { Backlog } from './backlog.ts';
import type { Assignment } from './batch.ts';
import type { Clock } from './clock.ts';
import { valueAt } from './distributions.ts';
import type { Image } from './image.ts';
import type { Ledger } from './ledger.ts';
import type { Outcome } from './outcome.ts';
import type { Queue } from './queue.ts';
import type { Scenario } from './scenario.ts';

/** How often the sweep runs. */
const sweepSeconds = 60;

interface PipelineParts {
  clock: Clock;
  scenario: Scenario;
  backlog: Backlog;
  queue: Queue;
  ledger: Ledger;
}

/** The rows of images, and their way from a ticket to the end. */
export class Pipeline {
  readonly #parts: PipelineParts;
  readonly #random: () => number;
  #images = 0;
  /** What the database knows of images that wait. */
  readonly #queued = new Map<Image, { at: number }>();
  /** Ready images whose other variants follow, the oldest first. */
  readonly #pending = new Set<Image>();
  /** Admitted images that have no end yet, without tickets that are never used. */
  unfinished = 0;
  /** Uploaded and without an end, by the time of the upload. */
  readonly #uploaded = new Set<Image>();

  constructor(parts: PipelineParts, random: () => number) {
    this.#parts = parts;
    this.#random = random;
  }

  get pending(): number {
    return this.#pending.size;
  }
  /** What claims and roll-ups know of the oldest work. */
  oldest(): number {
    return this.#parts.backlog.oldest(this.#parts.clock.now);
  }
  /** Seconds since the oldest upload that has no end, in truth. */
  oldestUpload(): number {
    const [first] = this.#uploaded;
    return first === undefined ? 0 : this.#parts.clock.now - first.uploadedAt;
  }

  /** A ticket that is never used. */
  hoard(tenant: string, work: number): void {
    const { clock, scenario, backlog } = this.#parts;
    backlog.change(tenant, { tickets: 1, ticketWork: work });
    clock.after(scenario.ticketSeconds, () => backlog.change(tenant, { tickets: -1, ticketWork: -work }));
  }

  /** The row of an image that was admitted now. @returns what uploads it */
  admit(image: Pick<Image, 'tenant' | 'work' | 'askedAt' | 'obedient' | 'direct'>): () => void {
    const { clock, scenario, backlog } = this.#parts;
    const { tenant, work, direct } = image;
    this.unfinished += 1;
    if (direct) backlog.change(tenant, { images: 1, work });
    else backlog.change(tenant, { tickets: 1, ticketWork: work });
    const whole: Image = {
      ...image,
      id: this.#images++,
      poison: this.#random() < scenario.poison,
      admittedAt: clock.now,
      uploadedAt: Number.NaN,
      endedAt: undefined,
      end: undefined,
      attempt: 0,
      leaseUntil: 0,
      pending: false,
    };
    if (direct) this.#queued.set(whole, backlog.queue(clock.now));
    return () => this.#upload(whole);
  }

  #upload(image: Image): void {
    const { clock, scenario, ledger, queue } = this.#parts;
    image.uploadedAt = clock.now;
    ledger.uploaded += 1;
    this.#uploaded.add(image);
    if (image.direct) {
      queue.send(image);
      return;
    }
    const events = this.#random() < scenario.duplicates ? 2 : 1;
    for (let event = 0; event < events; event += 1) {
      const seconds = valueAt(scenario.times.enqueue, this.#random());
      if (seconds > 0) clock.after(seconds, () => queue.send(image));
      else queue.send(image);
    }
  }

  /** @returns the attempt, or why the image is not this worker's */
  claim({ image, complete }: Assignment, leaseUntil: number): number | 'done' | { busyFor: number } {
    const { clock, backlog } = this.#parts;
    if (image.end !== undefined && !(complete && image.pending)) return 'done';
    if (image.leaseUntil > clock.now) return { busyFor: image.leaseUntil - clock.now };
    if (image.attempt === 0) {
      const { tenant, work } = image;
      if (!image.direct) backlog.change(tenant, { images: 1, work, tickets: -1, ticketWork: -work });
      backlog.claimed(clock.now - image.uploadedAt, this.#queued.get(image));
      this.#queued.delete(image);
    }
    image.attempt += 1;
    image.leaseUntil = leaseUntil;
    return image.attempt;
  }

  /** @returns false if it was fenced off */
  commit(image: Image, attempt: number, outcome: Outcome): boolean {
    const { clock, backlog, ledger } = this.#parts;
    if (image.attempt !== attempt) return false;
    image.leaseUntil = 0;
    if ('completed' in outcome) {
      if (outcome.completed) {
        image.pending = false;
        this.#pending.delete(image);
      }
      return true;
    }
    if (!('end' in outcome)) return true;
    const { tenant, work } = image;
    if (image.end === undefined) {
      backlog.change(tenant, { images: -1, work: -work });
      backlog.ended(work);
      this.unfinished -= 1;
      this.#uploaded.delete(image);
    }
    ledger.end(image, outcome.end, clock.now);
    if (outcome.end === 'ready' && outcome.pending) {
      image.pending = true;
      this.#pending.add(image);
    }
    return true;
  }

  /** Sends for the variants that follow while the queue is nearly empty. */
  startSweeps(): void {
    const { clock, queue, scenario } = this.#parts;
    const { cap, batchSize, completionsPerSweep } = scenario.worker;
    const sweep = () => {
      let left = queue.depth <= cap * batchSize ? completionsPerSweep : 0;
      for (const image of this.#pending) {
        if (left-- <= 0) break;
        if (image.leaseUntil <= clock.now) queue.send(image, true);
      }
      clock.after(sweepSeconds, sweep);
    };
    clock.after(sweepSeconds, sweep);
  }
}
