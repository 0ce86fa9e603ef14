import { type AdmissionPolicy, openAdmission } from '../lambda/policy/admission/admission.ts';
import type { AdmissionRequest } from '../lambda/policy/admission/backlog-view.ts';
import { gatewayProblems } from '../lib/bundling/gateway-problems.ts';
import type { Backlog } from './backlog.ts';
import type { Clock } from './clock.ts';
import type { Database } from './database.ts';
import { valueAt } from './distributions.ts';
import type { RefusalCode } from './refusal.ts';
import type { Scenario } from './scenario.ts';

/** What the client hears, and after how many seconds. */
export type Answer = { after: number } & (
  | { admitted: true }
  | { admitted: false; code: RefusalCode; retryAfter: number }
);

/** Sessions end after this pause (idle_session_timeout of the role), and environments a while later: assumed. */
const sessionSeconds = 300;
const environmentSeconds = 600;
/** An environment counts for the others if it used its session in the last minute. */
const activeSeconds = 60;

interface Environment {
  name: string;
  policy: AdmissionPolicy;
  /** What it has seen of the others' turns. */
  seen: number;
  busyUntil: number;
  usedAt: number;
  /** Of the database, in which it has a connection. */
  session: number | undefined;
  /** Of the function. An old one gets no more requests. */
  generation: number;
}

interface ApiParts {
  clock: Clock;
  database: Database;
  backlog: Backlog;
  scenario: Scenario;
}

/** The API: environments, each with the policy and one connection. */
export class Api {
  readonly #parts: ApiParts;
  readonly #random: () => number;
  #environments: Environment[] = [];
  #made = 0;
  #generation = 0;
  #sweptAt = 0;
  /** Requests that the gateway would let through now, at this time. */
  #tokens: { count: number; at: number };
  /** Requests above the rate of the gateway, and those for which the function had no execution left. */
  throttled = 0;
  busyRefusals = 0;

  constructor(parts: ApiParts, random: () => number) {
    this.#parts = parts;
    this.#random = random;
    const { clock, scenario } = parts;
    this.#tokens = { count: scenario.api.burst, at: clock.now };
    if (scenario.api.routing === 'random')
      for (let n = 0; n < scenario.api.environments; n += 1) this.#create(0);
    for (const at of scenario.deploys)
      clock.after(at - clock.now, () => {
        this.#generation += 1;
      });
  }

  /** Environments that handle a request. */
  get busy(): number {
    return this.#environments.filter(({ busyUntil }) => busyUntil > this.#parts.clock.now).length;
  }

  request(asked: AdmissionRequest): Answer {
    const { clock, scenario } = this.#parts;
    this.#sweep();
    const chosen = this.#letsThrough() ? this.#choose() : undefined;
    if (chosen === undefined) {
      this.throttled += 1;
      return {
        admitted: false,
        code: 'throttled',
        retryAfter: gatewayProblems.throttled.retryAfterSeconds,
        after: 0,
      };
    }
    if (chosen === 'busy') {
      this.busyRefusals += 1;
      return {
        admitted: false,
        code: 'unavailable',
        retryAfter: gatewayProblems.unavailable.retryAfterSeconds,
        after: 0,
      };
    }
    const { environment, start } = chosen;
    const busy = start + valueAt(scenario.times.ticket, this.#random());
    const answer = (after: number) => {
      environment.usedAt = clock.now;
      environment.busyUntil = clock.now + after;
      return after;
    };
    const connected = this.#connect(environment);
    if (connected !== true) {
      const after = answer(start + connected);
      const retryAfter = environment.policy.defer(asked, this.#random);
      return { admitted: false, code: 'database_unavailable', retryAfter, after };
    }
    const after = answer(busy);
    const decision = this.#fresh(environment).decide(asked);
    if (decision.admitted) return { admitted: true, after };
    return { admitted: false, code: decision.code, retryAfter: decision.retryAfterSeconds, after };
  }

  #fresh(environment: Environment): AdmissionPolicy {
    const { clock, backlog, scenario } = this.#parts;
    const { policy, name, seen } = environment;
    if (!policy.stale()) return policy;
    const synced = backlog.sync({ environment: name, turns: policy.news(), seen }, this.#now());
    environment.seen = synced.seen;
    policy.learn(synced.snapshot);
    scenario.watch?.(clock.now, policy);
    return policy;
  }

  #now() {
    const { clock, scenario } = this.#parts;
    const { now } = clock;
    if (scenario.api.routing === 'random') return { now, environments: this.#environments.length };
    const active = this.#environments.filter(({ usedAt }) => now - usedAt <= activeSeconds);
    return { now, environments: active.length };
  }

  /** The gateway's token bucket. */
  #letsThrough(): boolean {
    const { clock, scenario } = this.#parts;
    const { requestsPerSecond, burst } = scenario.api;
    const { count, at } = this.#tokens;
    const tokens = Math.min(burst, count + (clock.now - at) * requestsPerSecond);
    const passes = tokens >= 1;
    this.#tokens = { count: tokens - (passes ? 1 : 0), at: clock.now };
    return passes;
  }

  #choose(): { environment: Environment; start: number } | 'busy' {
    const { clock, scenario } = this.#parts;
    const all = this.#environments;
    if (scenario.api.routing === 'random')
      return { environment: all[Math.floor(this.#random() * all.length)] as Environment, start: 0 };
    let free: Environment | undefined;
    let own = 0;
    for (const one of all) {
      const isBusy = one.busyUntil > clock.now;
      // Reserved concurrency counts what is in flight, of both generations.
      if (isBusy) own += 1;
      else if (one.generation === this.#generation && (free === undefined || one.usedAt > free.usedAt))
        free = one;
    }
    if (own >= scenario.api.environments) {
      if (scenario.api.waits !== true) return 'busy';
      const current = all.filter(({ generation }) => generation === this.#generation);
      const soonest = (some: Environment[]) =>
        some.reduce((first, one) => (one.busyUntil < first.busyUntil ? one : first));
      const start = soonest(all.filter(({ busyUntil }) => busyUntil > clock.now)).busyUntil - clock.now;
      if (current.length < scenario.api.environments) return { environment: this.#create(clock.now), start };
      return { environment: soonest(current), start };
    }
    if (free !== undefined) return { environment: free, start: 0 };
    return { environment: this.#create(clock.now), start: valueAt(scenario.times.apiStart, this.#random()) };
  }

  #create(usedAt: number): Environment {
    const { clock, scenario } = this.#parts;
    const environment: Environment = {
      name: String(this.#made++),
      policy: openAdmission(scenario.admission, () => clock.now * 1000),
      seen: 0,
      busyUntil: 0,
      usedAt,
      session: undefined,
      generation: this.#generation,
    };
    this.#environments.push(environment);
    return environment;
  }

  /** @returns true, or the seconds that the attempt took */
  #connect(environment: Environment): true | number {
    const { database } = this.#parts;
    const { outage } = database;
    if (outage !== undefined) return outage.silent === true ? 5 : 0.005;
    if (environment.session === database.generation) return true;
    if (!database.open('api')) return 2;
    environment.session = database.generation;
    return true;
  }

  /** Ends sessions and environments that were idle for long. */
  #sweep(): void {
    const { clock, database, scenario } = this.#parts;
    if (scenario.api.routing === 'random' || clock.now - this.#sweptAt < 1) return;
    this.#sweptAt = clock.now;
    this.#environments = this.#environments.filter((one) => {
      const idle = clock.now - one.usedAt;
      if (idle >= sessionSeconds && one.session !== undefined) {
        database.close('api', one.session);
        one.session = undefined;
      }
      return idle < environmentSeconds;
    });
  }
}
