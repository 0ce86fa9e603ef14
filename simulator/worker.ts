import { type Breaker, openBreaker } from '../lambda/policy/breaker.ts';
import { type BrownOut, openBrownOut } from '../lambda/policy/brown-out.ts';
import { type Concurrency, openConcurrency, type Statement } from '../lambda/policy/concurrency.ts';
import { leaseSlackSeconds } from '../lambda/process/time-budget.ts';
import { type Assignment, assignmentsOf, BatchTime, type Claim } from './batch.ts';
import type { Process } from './clock.ts';
import { Session } from './database.ts';
import type { Message } from './image.ts';
import { Lanes } from './lanes.ts';
import { held, soon, type Verdict } from './outcome.ts';
import type { Environment, Parts } from './parts.ts';

/**
 * An environment of the worker. It does what lambda/process does with a batch: claim what the database can take, wait with
 * it while the database is away, work in lanes, record each result. The policies are those of the function.
 */
export class Worker implements Environment {
  readonly parts: Parts;
  readonly breaker: Breaker;
  readonly concurrency: Concurrency;
  readonly brownOut: BrownOut;
  readonly session: Session;
  /** Until when its sandbox is busy. */
  sandboxFreeAt = 0;
  usedAt = 0;

  constructor(parts: Parts) {
    const { clock, database, scenario, random } = parts;
    this.parts = parts;
    this.breaker = openBreaker(random);
    this.concurrency = openConcurrency();
    this.brownOut = openBrownOut(scenario.brownOut, () => clock.now * 1000);
    this.session = new Session(database, clock, 'process', scenario.times.connect);
  }

  /** One invocation. */
  *invoke(messages: readonly Message[]): Process {
    const { clock, scenario, queue } = this.parts;
    const { timeoutSeconds, decodeLimitSeconds } = scenario.worker;
    const time = new BatchTime(clock, timeoutSeconds, decodeLimitSeconds);
    const { claims, waiting } = yield* this.#claimAdmitted(assignmentsOf(messages), time);
    const verdicts = yield* new Lanes(this, time).work(claims);
    for (const one of waiting) verdicts.set(...one);
    this.session.close();
    for (const [{ messages: named }, verdict] of verdicts)
      for (const message of named)
        if (verdict === 'done') queue.delete(message);
        else if (verdict === 'dead') queue.bury(message);
        else queue.hide(message, verdict.hidden(message.receives));
  }

  /** A statement, after a rest if the database is slow; what it takes is learnt (database-pressure.ts). */
  *observe(kind: Statement, time: BatchTime, act: () => void): Process<boolean> {
    const { clock, scenario } = this.parts;
    const rest = this.concurrency.restMs() / 1000;
    if (rest > 0 && rest < time.forWork()) yield rest;
    const began = clock.now;
    const done = yield* this.session.run(scenario.times[kind], act);
    if (done) {
      this.concurrency.succeeded(kind, 1000 * (clock.now - began), 1000 * clock.now);
      this.breaker.succeeded();
    } else if (!this.breaker.open && time.forRecord() > 0) this.concurrency.failed(1000 * clock.now);
    return done;
  }

  *#claimAdmitted(assignments: readonly Assignment[], time: BatchTime) {
    const { clock, random } = this.parts;
    const { breaker, concurrency } = this;
    const claims = new Map<Assignment, Claim>();
    const remain = (verdict: Verdict) =>
      new Map(assignments.filter((one) => !claims.has(one)).map((one) => [one, verdict]));
    const admit = function* (this: Worker, some: readonly Assignment[]): Process<boolean> {
      const begun = [...claims.values()].filter(
        (claim) => typeof claim === 'object' && 'attempt' in claim && claim.begun,
      ).length;
      const claimed = yield* this.#claim(some, { begun, time });
      if (breaker.open) return false;
      for (const one of claimed) claims.set(...one);
      return true;
    }.bind(this);

    if (!breaker.open) yield* admit(assignments.slice(0, concurrency.admitted(assignments.length)));
    while (breaker.open) {
      const pause = Math.min(breaker.waitMs(1000 * clock.now) / 1000, time.forWork());
      if (pause > 0) yield pause;
      if (time.forWork() <= 0) return { claims, waiting: remain(held(random)) };
      if (!time.mayStart()) {
        if (yield* this.#responds()) return { claims, waiting: remain(soon(random)) };
      } else if (yield* admit(assignments.slice(0, 1))) {
        yield* admit(assignments.slice(1));
        if (breaker.open) return { claims, waiting: remain(held(random)) };
      }
    }
    const spread = concurrency.spreadSeconds();
    return { claims, waiting: remain({ hidden: () => Math.ceil(random() * spread) }) };
  }

  /** A probe without a claim. */
  *#responds(): Process<boolean> {
    const { clock } = this.parts;
    const responded = yield* this.session.run([0.001], () => {});
    if (responded) this.breaker.succeeded();
    else this.breaker.failed(1000 * clock.now);
    return responded;
  }

  *#claim(
    some: readonly Assignment[],
    { begun, time }: { begun: number; time: BatchTime },
  ): Process<Map<Assignment, Claim>> {
    const { clock, scenario, pipeline } = this.parts;
    const claims = new Map<Assignment, Claim>();
    if (some.length === 0) return claims;
    let beginning = Math.max(0, this.concurrency.lanes(scenario.worker.jobsInFlight) - begun);
    const leaseUntil = clock.now + time.remaining() + leaseSlackSeconds;
    const claimed = yield* this.observe('claim', time, () => {
      for (const one of some) {
        const claim = pipeline.claim(one, leaseUntil);
        claims.set(one, typeof claim === 'number' ? { attempt: claim, begun: beginning-- > 0 } : claim);
      }
    });
    if (claimed) {
      const wait = Math.max(0, ...some.flatMap(({ messages }) => messages).map(firstWait));
      this.brownOut.observe(Math.max(pipeline.oldest(), wait));
    } else this.breaker.failed(1000 * clock.now);
    return claims;
  }
}

/** Seconds that a message waited for its first receive; others show nothing of the backlog. */
function firstWait({ receives, sentAt, firstReceivedAt = sentAt }: Message): number {
  return receives === 1 ? firstReceivedAt - sentAt : 0;
}
