import { Heap } from './heap.ts';

/*
 * The order in which SQS delivers the messages of a standard queue whose messages have a MessageGroupId, as documented in
 * "How Amazon SQS fair queues work" (Amazon SQS Developer Guide, sqs-fair-queues-detailed). AWS calls the thresholds
 * approximate; here they are exact. Pure: the caller hands in the clock.
 */

/** Thresholds of the documentation, and `recentMs`, which it does not give. */
export const fairRule = {
  /** A tenant is noisy with more than this share of the messages in flight … */
  inFlightShare: 0.1,
  /** … and at least so many of its own in flight, */
  ownInFlight: 30,
  /** or with more than this share of the recent processing time. */
  timeShare: 0.1,
  /** It is quiet again once none of its messages was in flight for so long. */
  forgottenMs: 300_000,
  /** Time constant over which processing time counts as recent. Assumed. */
  recentMs: 60_000,
} as const;

/**
 * Tenants from this share of the messages in flight are judged at each delivery: a little less than the shares of the rule,
 * so that rounding decides nothing. At most ten have it.
 */
const watchedShare = 0.099;
/** From so many tenants on, those that are gone are dropped. */
const manyTenants = 1_000;

interface Waiting<Message> {
  message: Message;
  turn: number;
}

/** Processing time of the recent past, in ms: it grows by the messages in flight and decays with `recentMs`. */
class RecentTime {
  inFlight = 0;
  #value = 0;
  #at = 0;

  at(now: number): number {
    const kept = Math.exp(-Math.max(0, now - this.#at) / fairRule.recentMs);
    this.#value = this.#value * kept + this.inFlight * fairRule.recentMs * (1 - kept);
    this.#at = now;
    return this.#value;
  }

  add(messages: number, now: number): void {
    this.at(now);
    this.inFlight += messages;
  }

  forget(): void {
    this.#value = 0;
  }
}

class Tenant<Message> {
  readonly time = new RecentTime();
  readonly waiting: Waiting<Message>[] = [];
  /** Index of the first that waits; those before have been delivered. */
  #head = 0;
  lastInFlight = 0;
  noisy = false;
  /** Its place among the quiet tenants that wait: the turn of its first message. */
  queued: number | undefined;

  get first(): Waiting<Message> | undefined {
    return this.waiting[this.#head];
  }

  /** Adds a message, before those with a later turn. */
  add(one: Waiting<Message>): void {
    let at = this.waiting.length;
    while (at > this.#head && (this.waiting[at - 1]?.turn ?? 0) > one.turn) at -= 1;
    this.waiting.splice(at, 0, one);
  }

  takeFirst(): Message | undefined {
    const message = this.first?.message;
    this.#head += 1;
    // Dropped by halves, so that a long backlog is not moved for each message.
    if (this.#head * 2 >= this.waiting.length) {
      this.waiting.splice(0, this.#head);
      this.#head = 0;
    }
    return message;
  }

  *[Symbol.iterator](): Iterator<Message> {
    for (const { message } of this.waiting.slice(this.#head)) yield message;
  }
}

/**
 * The messages of one queue. A message that is received twice arrives twice; between, it is in flight.
 *
 * A delivery costs the same with ten tenants and with ten thousand. A tenant's share of the processing time moves towards its
 * share of the messages in flight, so only a tenant that had much in flight can be noisy: those are watched, and judged at
 * each delivery. All others are quiet, and wait in a heap by their first messages.
 */
export class FairQueue<Message extends object> {
  /** Messages without a group are tenants of their own: none has 30 in flight, so they are quiet, in order of arrival. */
  readonly #alone = new Tenant<Message>();
  readonly #tenants = new Map<string, Tenant<Message>>();
  readonly #all = new RecentTime();
  readonly #tenantOf = new WeakMap<Message, Tenant<Message>>();
  readonly #turnOf = new WeakMap<Message, number>();
  readonly #watched = new Set<Tenant<Message>>();
  /** Tenants by their messages in flight. */
  readonly #byInFlight = new Map<number, Set<Tenant<Message>>>();
  readonly #quiet = new Heap<Tenant<Message>>();
  #sweep = { at: 0, from: manyTenants };
  #turns = 0;
  #size = 0;

  /** Number of visible messages. */
  get size(): number {
    return this.#size;
  }

  /** Number of tenants that are remembered. */
  get tenants(): number {
    return this.#tenants.size;
  }

  /**
   * A message becomes visible. One that was received before gets its place again: SQS generally delivers the messages of a
   * standard queue in the order in which they were sent ("best-effort ordering", Amazon SQS Developer Guide).
   */
  arrive(message: Message, group: string | undefined): void {
    const tenant = this.#tenant(group);
    this.#tenantOf.set(message, tenant);
    const turn = this.#turnOf.get(message) ?? this.#turns++;
    this.#turnOf.set(message, turn);
    tenant.add({ message, turn });
    this.#size += 1;
    this.#enqueue(tenant);
  }

  /**
   * Removes and returns the message to deliver next: the oldest of quiet tenants; if none waits, one of the noisy tenant
   * with the fewest messages in flight.
   * @param now milliseconds
   */
  next(now: number): Message | undefined {
    for (const tenant of this.#watched) this.#watch(tenant, now);
    const chosen = this.#oldestQuiet() ?? this.#leastNoisy();
    if (chosen === undefined) return undefined;
    if (isForgotten(chosen, now)) chosen.time.forget();
    this.#size -= 1;
    const message = chosen.takeFirst();
    // Its backlog has been consumed.
    if (chosen.first === undefined) chosen.noisy = false;
    this.#enqueue(chosen);
    return message;
  }

  /** A message is in flight from now on. */
  begin(message: Message, now: number): void {
    this.#change(message, 1, now);
  }

  /** It was deleted, or becomes visible again (`arrive` follows). */
  end(message: Message, now: number): void {
    this.#change(message, -1, now);
  }

  /** The groups whose waiting messages now come last. */
  noisy(now: number): string[] {
    for (const tenant of this.#watched) this.#watch(tenant, now);
    return [...this.#tenants].flatMap(([group, { first, noisy }]) => (first && noisy ? [group] : []));
  }

  *[Symbol.iterator](): Iterator<Message> {
    for (const tenant of [this.#alone, ...this.#tenants.values()]) yield* tenant;
  }

  #tenant(group: string | undefined): Tenant<Message> {
    if (group === undefined) return this.#alone;
    const tenant = this.#tenants.get(group) ?? new Tenant<Message>();
    this.#tenants.set(group, tenant);
    return tenant;
  }

  #change(message: Message, messages: 1 | -1, now: number): void {
    this.#all.add(messages, now);
    const tenant = this.#tenantOf.get(message) ?? this.#alone;
    const before = tenant.time.inFlight;
    tenant.time.add(messages, now);
    tenant.lastInFlight = now;
    if (tenant !== this.#alone) {
      this.#byInFlight.get(before)?.delete(tenant);
      const same = this.#byInFlight.get(before + messages) ?? new Set();
      this.#byInFlight.set(before + messages, same.add(tenant));
    }
    // Who reaches the watched share: this one by one message more, others when there is one less of all.
    const least = Math.max(1, Math.ceil(watchedShare * this.#all.inFlight));
    if (messages > 0 && before + 1 >= least && tenant !== this.#alone) this.#watched.add(tenant);
    if (messages > 0) return;
    for (const one of this.#byInFlight.get(least) ?? []) this.#watched.add(one);
    this.#forget(now);
  }

  /** Judges a tenant that waits, and stops watching one whose shares are those of a quiet one. */
  #watch(tenant: Tenant<Message>, now: number): void {
    if (tenant.first !== undefined) this.#judge(tenant, now);
    const { inFlight } = tenant.time;
    if (tenant.noisy || share(inFlight, this.#all.inFlight) >= watchedShare) return;
    if (share(tenant.time.at(now), this.#all.at(now)) < watchedShare) this.#watched.delete(tenant);
  }

  #judge(tenant: Tenant<Message>, now: number): void {
    if (isForgotten(tenant, now)) {
      tenant.time.forget();
      tenant.noisy = false;
    } else {
      const own = tenant.time.inFlight;
      const inFlight = share(own, this.#all.inFlight) > fairRule.inFlightShare;
      const time = share(tenant.time.at(now), this.#all.at(now)) > fairRule.timeShare;
      if (time || (inFlight && own >= fairRule.ownInFlight)) tenant.noisy = true;
      // Below both shares, it is comparable to quiet tenants.
      else if (!inFlight) tenant.noisy = false;
    }
    this.#enqueue(tenant);
  }

  /** Gives a quiet tenant that waits its place in the heap. Entries of other turns are left behind and skipped. */
  #enqueue(tenant: Tenant<Message>): void {
    const turn = tenant.noisy ? undefined : tenant.first?.turn;
    if (tenant.queued === turn) return;
    tenant.queued = turn;
    if (turn !== undefined) this.#quiet.push(turn, tenant);
  }

  #oldestQuiet(): Tenant<Message> | undefined {
    for (;;) {
      const least = this.#quiet.least;
      if (least === undefined || least.item.queued === least.key) return least?.item;
      this.#quiet.drop();
    }
  }

  #leastNoisy(): Tenant<Message> | undefined {
    let chosen: Tenant<Message> | undefined;
    for (const tenant of this.#watched)
      if (tenant.noisy && tenant.first && (chosen === undefined || precedes(tenant, chosen))) chosen = tenant;
    return chosen;
  }

  /** Tenants that are gone would take memory for ever. Looked for when there are twice as many, or after a while. */
  #forget(now: number): void {
    const { size } = this.#tenants;
    if (size < manyTenants || (size < this.#sweep.from && now - this.#sweep.at < fairRule.forgottenMs))
      return;
    for (const [group, tenant] of this.#tenants) {
      if (tenant.first !== undefined || !isForgotten(tenant, now)) continue;
      this.#tenants.delete(group);
      this.#watched.delete(tenant);
      this.#byInFlight.get(0)?.delete(tenant);
    }
    this.#sweep = { at: now, from: 2 * this.#tenants.size };
  }
}

function isForgotten<Message>({ time, lastInFlight }: Tenant<Message>, now: number): boolean {
  return time.inFlight === 0 && now - lastInFlight >= fairRule.forgottenMs;
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

/** Whether one noisy tenant is delivered before the other. */
function precedes<Message>(one: Tenant<Message>, other: Tenant<Message>): boolean {
  const older = (one.first?.turn ?? 0) < (other.first?.turn ?? 0);
  return one.time.inFlight === other.time.inFlight ? older : one.time.inFlight < other.time.inFlight;
}
