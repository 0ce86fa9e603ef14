import { betweenTriesMs } from '../lambda/process/time-budget.ts';
import type { Assignment, BatchTime, Claim } from './batch.ts';
import { type Process, Signal, waitFor } from './clock.ts';
import { runJob } from './job.ts';
import { again, busy, type Outcome, soon, type Verdict } from './outcome.ts';
import type { Environment } from './parts.ts';

interface Entry {
  ended?: { assignment: Assignment; attempt: number; outcome: Outcome };
  begins?: [Assignment, { attempt: number }] | undefined;
  /** Whether the end was written, and whether the next is this worker's. */
  recorded: Signal<{ written: boolean; begun: boolean }>;
}
type Claimed = [Assignment, { attempt: number; begun: boolean }];

/** The claimed images of a batch: a few at a time in lanes, each recorded as soon as it is done (lambda/process/lanes.ts). */
export class Lanes {
  readonly #worker: Environment;
  readonly #time: BatchTime;
  readonly #verdicts = new Map<Assignment, Verdict>();
  readonly #waiting: Claimed[] = [];
  #pending: Entry[] = [];
  #writing = false;

  constructor(worker: Environment, time: BatchTime) {
    this.#worker = worker;
    this.#time = time;
  }

  *work(claims: ReadonlyMap<Assignment, Claim>): Process<Map<Assignment, Verdict>> {
    const { clock, random } = this.#worker.parts;
    const beginning: Claimed[] = [];
    for (const [assignment, claim] of claims)
      if (claim === 'done') this.#verdicts.set(assignment, 'done');
      else if ('busyFor' in claim) this.#verdicts.set(assignment, busy(claim.busyFor, random));
      else (claim.begun ? beginning : this.#waiting).push([assignment, claim]);
    let running = beginning.length;
    if (running > 0) {
      const done = new Signal<void>();
      for (const first of beginning)
        clock.start(this.#lane(first), () => {
          running -= 1;
          if (running === 0) done.send(undefined);
        });
      yield* waitFor(done);
    }
    for (const [assignment, { attempt }] of this.#waiting) {
      const outcome: Outcome = { released: soon(random) };
      const recorded = yield* waitFor(this.#record({ ended: { assignment, attempt, outcome } }));
      this.#verdicts.set(assignment, recorded.written ? soon(random) : again(random));
    }
    return this.#verdicts;
  }

  *#lane(first: Claimed): Process {
    const { random } = this.#worker.parts;
    let current: Claimed | undefined = first;
    while (current !== undefined) {
      const [assignment, { attempt }]: Claimed = current;
      const outcome = yield* runJob(assignment, this.#worker, this.#time);
      current = this.#nextInTime();
      const ended = { assignment, attempt, outcome };
      const recorded = yield* waitFor(this.#record({ ended, begins: current }));
      this.#verdicts.set(assignment, recorded.written ? verdictOf(outcome) : again(random));
      if (current !== undefined && !recorded.begun) {
        this.#verdicts.set(current[0], again(random));
        current = undefined;
      }
    }
  }

  #nextInTime(): Claimed | undefined {
    return this.#time.mayStart() ? this.#waiting.shift() : undefined;
  }

  #record(entry: Omit<Entry, 'recorded'>): Entry['recorded'] {
    const recorded: Entry['recorded'] = new Signal();
    this.#pending.push({ ...entry, recorded });
    if (!this.#writing) this.#worker.parts.clock.start(this.#write());
    return recorded;
  }

  /** Entries that arrive during a write share the next one. */
  *#write(): Process {
    this.#writing = true;
    while (this.#pending.length > 0) {
      const group = this.#pending;
      this.#pending = [];
      const results = new Map<Entry, { written: boolean; begun: boolean }>();
      yield* this.#commit(() => {
        const { pipeline } = this.#worker.parts;
        for (const entry of group) {
          const { ended, begins } = entry;
          const written =
            ended !== undefined && pipeline.commit(ended.assignment.image, ended.attempt, ended.outcome);
          const begun = begins !== undefined && begins[0].image.attempt === begins[1].attempt;
          results.set(entry, { written, begun });
        }
      });
      for (const entry of group) entry.recorded.send(results.get(entry) ?? { written: false, begun: false });
    }
    this.#writing = false;
  }

  /** Repeated until the invocation ends. */
  *#commit(act: () => void): Process {
    const { clock } = this.#worker.parts;
    while (!(yield* this.#worker.observe('commit', this.#time, act))) {
      this.#worker.breaker.failed(1000 * clock.now);
      yield betweenTriesMs / 1000;
      if (this.#time.forRecord() <= 0) return;
    }
  }
}

function verdictOf(outcome: Outcome): Verdict {
  return typeof outcome === 'object' && 'released' in outcome ? outcome.released : 'done';
}
