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

  get first(): Waiting<Message> | undefined {
    return this.waiting[this.#head];
  }

  add(one: Waiting<Message>): void {
    const later = this.waiting.findIndex(({ turn }, at) => at >= this.#head && turn > one.turn);
    this.waiting.splice(later < 0 ? this.waiting.length : later, 0, one);
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

/** The messages of one queue. A message that is received twice arrives twice; between, it is in flight. */
export class FairQueue<Message extends object> {
  /** Messages without a group are tenants of their own: none has 30 in flight, so they are quiet, in order of arrival. */
  readonly #alone = new Tenant<Message>();
  readonly #tenants = new Map<string, Tenant<Message>>();
  readonly #all = new RecentTime();
  readonly #tenantOf = new WeakMap<Message, Tenant<Message>>();
  readonly #turnOf = new WeakMap<Message, number>();
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

  /** A message becomes visible. */
  arrive(message: Message, group: string | undefined): void {
    const tenant = this.#tenant(group);
    this.#tenantOf.set(message, tenant);
    const turn = this.#turnOf.get(message) ?? this.#turns++;
    this.#turnOf.set(message, turn);
    tenant.add({ message, turn });
    this.#size += 1;
  }

  /**
   * Removes and returns the message to deliver next: the oldest of quiet tenants; if none waits, one of the noisy tenant
   * with the fewest messages in flight.
   * @param now milliseconds
   */
  next(now: number): Message | undefined {
    let chosen: Tenant<Message> | undefined;
    for (const tenant of [this.#alone, ...this.#tenants.values()]) {
      if (tenant.first === undefined) continue;
      this.#judge(tenant, now);
      if (chosen === undefined || precedes(tenant, chosen)) chosen = tenant;
    }
    if (chosen === undefined) return undefined;
    this.#size -= 1;
    const message = chosen.takeFirst();
    // Its backlog has been consumed.
    if (chosen.first === undefined) chosen.noisy = false;
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
    return [...this.#tenants].flatMap(([group, tenant]) => {
      if (tenant.first === undefined) return [];
      this.#judge(tenant, now);
      return tenant.noisy ? [group] : [];
    });
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
    tenant.time.add(messages, now);
    tenant.lastInFlight = now;
    if (messages < 0) this.#forget(now);
  }

  #judge(tenant: Tenant<Message>, now: number): void {
    if (tenant === this.#alone) return;
    if (isForgotten(tenant, now)) {
      tenant.time.forget();
      tenant.noisy = false;
      return;
    }
    const own = tenant.time.inFlight;
    const inFlight = share(own, this.#all.inFlight) > fairRule.inFlightShare;
    const time = share(tenant.time.at(now), this.#all.at(now)) > fairRule.timeShare;
    if (time || (inFlight && own >= fairRule.ownInFlight)) tenant.noisy = true;
    // Below both shares, it is comparable to quiet tenants.
    else if (!inFlight) tenant.noisy = false;
  }

  /** Tenants that are gone would make every delivery slower. */
  #forget(now: number): void {
    if (this.#tenants.size < 1_000) return;
    for (const [group, tenant] of this.#tenants)
      if (tenant.first === undefined && isForgotten(tenant, now)) this.#tenants.delete(group);
  }
}

function isForgotten<Message>({ time, lastInFlight }: Tenant<Message>, now: number): boolean {
  return time.inFlight === 0 && now - lastInFlight >= fairRule.forgottenMs;
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

/** Whether the first message of one tenant is delivered before that of the other. */
function precedes<Message>(one: Tenant<Message>, other: Tenant<Message>): boolean {
  if (one.noisy !== other.noisy) return other.noisy;
  const older = (one.first?.turn ?? 0) < (other.first?.turn ?? 0);
  if (!one.noisy) return older;
  return one.time.inFlight === other.time.inFlight ? older : one.time.inFlight < other.time.inFlight;
}
