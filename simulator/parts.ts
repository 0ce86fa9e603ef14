import type { Breaker } from '../lambda/policy/breaker.ts';
import type { BrownOut } from '../lambda/policy/brown-out.ts';
import type { Concurrency, Statement } from '../lambda/policy/concurrency.ts';
import type { BatchTime } from './batch.ts';
import type { Clock, Process } from './clock.ts';
import type { Database } from './database.ts';
import type { Pipeline } from './pipeline.ts';
import type { Queue } from './queue.ts';
import type { Scenario } from './scenario.ts';

/** What a worker needs. */
export interface Parts {
  scenario: Scenario;
  clock: Clock;
  database: Database;
  queue: Queue;
  pipeline: Pipeline;
  random: () => number;
}

/** An environment of the worker, as its lanes and jobs see it. */
export interface Environment {
  readonly parts: Parts;
  readonly breaker: Breaker;
  readonly concurrency: Concurrency;
  readonly brownOut: BrownOut;
  /** Until when its sandbox is busy. */
  sandboxFreeAt: number;
  /** Runs a statement, which takes effect by `act`. @returns whether it succeeded */
  observe(kind: Statement, time: BatchTime, act: () => void): Process<boolean>;
}
