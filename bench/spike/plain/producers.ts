import { setTimeout as pause } from 'node:timers/promises';
import { Arrivals } from '../sluice/arrivals.ts';
import type { PlainApi } from './api.ts';
import { loud, repeats, tenants } from './settings.ts';

export type ProducerPhase = 'quiet' | 'flood' | 'over';

/** Counts since the start. */
export interface ProducerCounts {
  /** Requests, repeated ones included. */
  offered: number;
  admitted: number;
  /** Requests that were answered with 500, without a Retry-After. */
  refused: number;
  /** Images whose last request was refused. */
  givenUp: number;
}

export interface ProducerRates {
  quietPerSecond: number;
  floodPerSecond: number;
}

const tickMs = 5;

/** Open-loop arrivals: requests are sent when they are due, whatever became of those before. */
export class PlainProducers {
  readonly counts: ProducerCounts = { offered: 0, admitted: 0, refused: 0, givenUp: 0 };
  /** Milliseconds of each request, by phase. */
  readonly times: Record<string, number[]> = {};
  readonly #api: PlainApi;
  readonly #rates: ProducerRates;
  readonly #arrivals: Arrivals;
  #phase: ProducerPhase = 'over';
  #timer: NodeJS.Timeout | undefined;
  #pending = 0;

  constructor(api: PlainApi, rates: ProducerRates, random: () => number) {
    this.#arrivals = new Arrivals(random);
    this.#api = api;
    this.#rates = rates;
  }

  /** Requests in flight, or waiting to be repeated. */
  get pending(): number {
    return this.#pending;
  }

  /** In the flood one tenant sends more; the others keep their quiet rate. */
  enter(phase: ProducerPhase): void {
    this.#phase = phase;
    clearInterval(this.#timer);
    if (phase === 'over') return;
    const { quietPerSecond, floodPerSecond } = this.#rates;
    const each = quietPerSecond / tenants;
    const rates = Object.fromEntries(Array.from({ length: tenants }, (_, number) => [`t${number}`, each]));
    if (phase === 'flood') rates[loud] = floodPerSecond - each * (tenants - 1);
    this.#arrivals.set(rates, performance.now());
    this.#timer = setInterval(() => {
      for (const tenant of this.#arrivals.due(performance.now())) void this.#send(tenant);
    }, tickMs);
  }

  async #send(tenant: string): Promise<void> {
    const { counts } = this;
    const askedAt = new Date();
    const phase = this.#phase;
    this.#pending++;
    for (let request = 1; request <= repeats.most; request++) {
      counts.offered++;
      const begun = performance.now();
      const accepted = await this.#api.post(tenant, askedAt);
      this.times[phase] ??= [];
      this.times[phase].push(performance.now() - begun);
      if (accepted) {
        counts.admitted++;
        break;
      }
      counts.refused++;
      if (request === repeats.most) counts.givenUp++;
      else await pause(repeats.afterSeconds * 1000);
    }
    this.#pending--;
  }
}
