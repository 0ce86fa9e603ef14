import type { Api } from './api.ts';
import type { Clock } from './clock.ts';
import type { Ledger, Told } from './ledger.ts';

/** What a producer wants to send. */
export interface Wish {
  tenant: string;
  bulk?: boolean;
  /** With an Idempotency-Key, so that it is recognised when it returns. */
  keyed: boolean;
  work: number;
  /** Returns after so many seconds, whatever it is told. */
  impatient?: number | undefined;
  /** Gives up when it was refused for so long. */
  patience?: number;
}

/** Obedient producers return up to this much later than told. */
const lateSeconds = 0.3;
/** Requests without a key look the same if their files have the same size. */
const sizes = 5_000;

interface ProducerParts {
  clock: Clock;
  api: Api;
  ledger: Ledger;
}

/** Producers: each asks until it is admitted, and returns when it is told to. */
export class Producers {
  readonly #parts: ProducerParts;
  readonly #random: () => number;
  #keys = 0;
  /** Requests that will return. */
  waiting = 0;
  givenUp = 0;
  #stopped = false;

  constructor(parts: ProducerParts, random: () => number) {
    this.#parts = parts;
    this.#random = random;
  }

  /** Those who wait to return do not return any more. */
  stop(): void {
    this.#stopped = true;
  }

  /** @param admitted called at the admission; the producer hears of it `after` so many seconds */
  ask(wish: Wish, admitted: (askedAt: number, after: number) => void): void {
    const { clock, api, ledger } = this.#parts;
    const { tenant, keyed, work, impatient, bulk = false } = wish;
    const line = `${tenant}${bulk}`;
    const askedAt = clock.now;
    const place = ledger.ask(line, askedAt);
    const digest = keyed
      ? String(++this.#keys).padStart(8)
      : `size${String(Math.floor(this.#random() * sizes)).padStart(4)}`;
    const request = { tenant, work, digest: () => digest, keyed, bulk, weight: 1 };
    let first: Told | undefined;
    const attempt = () => {
      ledger.requests += 1;
      const answer = api.request(request);
      if (answer.admitted) {
        if (first !== undefined) first.letIn ??= true;
        ledger.admit(line, clock.now);
        admitted(askedAt, answer.after);
        return;
      }
      ledger.refused += 1;
      const { retryAfter: seconds, code } = answer;
      if (first === undefined) {
        const obedient = impatient === undefined;
        first = { tenant, bulk, obedient, at: clock.now, seconds, code, needed: undefined, letIn: undefined };
        ledger.refuse(first, line, place);
      } else first.letIn ??= false;
      if (clock.now - askedAt >= (wish.patience ?? Number.POSITIVE_INFINITY)) {
        this.givenUp += 1;
        return;
      }
      this.waiting += 1;
      clock.after(answer.after + (impatient ?? seconds + lateSeconds * this.#random()), () => {
        this.waiting -= 1;
        if (this.#stopped) {
          this.givenUp += 1;
          return;
        }
        if (impatient === undefined) ledger.returns += 1;
        attempt();
      });
    };
    attempt();
  }
}
