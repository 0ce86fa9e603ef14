import type { Clock, Process } from './clock.ts';
import { type Distribution, valueAt } from './distributions.ts';
import { faultAt, faultIn, type Outage } from './faults.ts';

export interface DatabaseModel {
  maxConnections: number;
  /** Connections that each role may have. */
  limits: Readonly<Record<string, number>>;
  outages: readonly Outage[];
  /** Statements at once up to which none slows another; above, all take longer in proportion. */
  statementsAtOnce: number;
}

/** A refusal for lack of connections is retried for so long, and a connect ends after so long (lambda/postgres/connection). */
const patienceSeconds = 2;
const connectTimeoutSeconds = 5;
/** Until a server that is down refuses. */
const refusalSeconds = 0.005;
/** Connections on demand are closed after this pause. */
export const lingerSeconds = 2.5;

/** Postgres: its connections by role, and statements that take time, longer when there are many at once. */
export class Database {
  readonly #clock: Clock;
  readonly #model: DatabaseModel;
  readonly #random: () => number;
  readonly #open: Record<string, number> = {};
  #all = 0;
  #running = 0;
  /** Raised by each restart: connections of before are gone. */
  #generation = 0;
  /** The most connections at once, of each role and together. */
  readonly peak: Record<string, number> = {};
  peakOfAll = 0;
  /** Connects that were refused for lack of connections. */
  refusedConnections = 0;
  statements = 0;

  constructor(clock: Clock, model: DatabaseModel, random: () => number) {
    this.#clock = clock;
    this.#model = model;
    this.#random = random;
    for (const { from } of model.outages)
      clock.after(from - clock.now, () => {
        this.#generation += 1;
        for (const role of Object.keys(this.#open)) this.#open[role] = 0;
        this.#all = 0;
      });
  }

  get connections(): number {
    return this.#all;
  }
  /** By role. */
  get byRole(): Readonly<Record<string, number>> {
    return this.#open;
  }
  get generation(): number {
    return this.#generation;
  }
  get outage(): Outage | undefined {
    return faultAt(this.#model.outages, this.#clock.now);
  }

  /** Takes a connection. @returns false if the server or the role has none left */
  open(role: string): boolean {
    const own = this.#open[role] ?? 0;
    if (own >= (this.#model.limits[role] ?? 0) || this.#all >= this.#model.maxConnections) {
      this.refusedConnections += 1;
      return false;
    }
    this.#open[role] = own + 1;
    this.#all += 1;
    this.peak[role] = Math.max(this.peak[role] ?? 0, own + 1);
    this.peakOfAll = Math.max(this.peakOfAll, this.#all);
    return true;
  }

  close(role: string, generation: number): void {
    if (generation !== this.#generation) return;
    this.#open[role] = (this.#open[role] ?? 0) - 1;
    this.#all -= 1;
  }

  /** @returns whether it has connected, within the time that a function has patience */
  *connect(role: string, seconds: Distribution): Process<boolean> {
    const until = this.#clock.now + patienceSeconds;
    for (let attempt = 0; ; attempt += 1) {
      const { outage } = this;
      if (outage !== undefined) {
        yield outage.silent === true ? connectTimeoutSeconds : refusalSeconds;
        return false;
      }
      if (this.open(role)) {
        const generation = this.#generation;
        yield valueAt(seconds, this.#random());
        return generation === this.#generation;
      }
      if (this.#clock.now >= until) return false;
      yield (25 + this.#random() * Math.min(400, 50 * 2 ** attempt)) / 1000;
    }
  }

  /** @param act takes effect with the statement, unless that fails. @returns whether it succeeded */
  *statement(seconds: Distribution, act: () => void): Process<boolean> {
    const generation = this.#generation;
    this.statements += 1;
    this.#running += 1;
    const slower = Math.max(1, this.#running / this.#model.statementsAtOnce);
    const began = this.#clock.now;
    const duration = slower * valueAt(seconds, this.#random());
    if (duration > 0) yield duration;
    this.#running -= 1;
    if (generation !== this.#generation || faultIn(this.#model.outages, began, this.#clock.now)) return false;
    act();
    return true;
  }
}

/** The one connection of an execution: opened with a statement, closed in pauses. */
export class Session {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #role: string;
  readonly #connectSeconds: Distribution;
  #connected: number | undefined;
  #busy = 0;
  #turn = 0;

  constructor(database: Database, clock: Clock, role: string, connectSeconds: Distribution) {
    this.#database = database;
    this.#clock = clock;
    this.#role = role;
    this.#connectSeconds = connectSeconds;
  }

  /** Calls of one execution come one after the other. @returns whether it succeeded */
  *run(seconds: Distribution, act: () => void): Process<boolean> {
    this.#turn += 1;
    this.#busy += 1;
    const done = yield* this.#run(seconds, act);
    this.#busy -= 1;
    if (!done) this.close();
    const turn = this.#turn;
    this.#clock.after(lingerSeconds, () => {
      if (turn === this.#turn && this.#busy === 0) this.close();
    });
    return done;
  }

  close(): void {
    if (this.#connected !== undefined) this.#database.close(this.#role, this.#connected);
    this.#connected = undefined;
  }

  *#run(seconds: Distribution, act: () => void): Process<boolean> {
    if (this.#connected !== this.#database.generation) {
      this.#connected = undefined;
      if (!(yield* this.#database.connect(this.#role, this.#connectSeconds))) return false;
      this.#connected = this.#database.generation;
    }
    return yield* this.#database.statement(seconds, act);
  }
}
