import type { BacklogSnapshot, DrainInterval, TenantBacklog } from '../lambda/domain/backlog.ts';

const nothing: TenantBacklog = { images: 0, work: 0, tickets: 0, ticketWork: 0 };

/** At most one caller rolls up in this time. */
const rollUpSeconds = 0.9;
/** Turns are kept for so long. */
const turnsSeconds = 40;
/** A claim of an image that waited for so long counts as waited; a fifth of them shows that work was waiting. */
const waitedSeconds = 5;
/** Claims count for so long. */
const claimsSeconds = 30;
const mostIntervals = 120;
/** Queued images that no worker has tried, of which so many show that work was waiting. */
const untried = 16;

/**
 * The sums of unfinished work by tenant, and what one environment a second makes of them for all: the model of
 * `sync_backlog` (migration 000011). Uploads by a ticket are not known before they are claimed.
 */
export class Backlog {
  #live = new Map<string, TenantBacklog>();
  /** Tenants whose sums were copied since the last roll-up; the snapshots have the others. */
  #own = new Set<string>();
  #rolled: { at: number; tenants: ReadonlyMap<string, TenantBacklog>; total: TenantBacklog } | undefined;
  #ended = { work: 0, images: 0 };
  #claims = { count: 0, waited: 0, longest: 0 };
  #last = { claimedAt: Number.NEGATIVE_INFINITY, waited: false, longest: 0 };
  #workedAt = Number.NEGATIVE_INFINITY;
  #intervals: DrainInterval[] = [];
  #posts: { at: number; environment: string; bytes: Buffer }[] = [];
  /** Of the first post that is kept. */
  #firstPost = 0;
  /** When those that the database knows to be queued came, the oldest first. */
  readonly #queued = new Set<{ at: number }>();
  /** Work of all, with that of tickets. */
  total = 0;
  /** Bytes of turns that were shared. */
  sharedBytes = 0;

  change(tenant: string, by: Partial<TenantBacklog>): void {
    const known = this.#live.get(tenant);
    const own = known !== undefined && this.#own.has(tenant) ? known : { ...nothing, ...known };
    this.#own.add(tenant);
    this.total += (by.work ?? 0) + (by.ticketWork ?? 0);
    own.images += by.images ?? 0;
    own.work += by.work ?? 0;
    own.tickets += by.tickets ?? 0;
    own.ticketWork += by.ticketWork ?? 0;
    if (own.images + own.tickets > 0) this.#live.set(tenant, own);
    else this.#live.delete(tenant);
  }

  /** An image that waits, as far as the database knows. @returns what `claimed` gets */
  queue(now: number): { at: number } {
    const one = { at: now };
    this.#queued.add(one);
    return one;
  }

  /** The first claim of an image. */
  claimed(waited: number, queued: { at: number } | undefined): void {
    if (queued !== undefined) this.#queued.delete(queued);
    this.#claims.count += 1;
    if (waited >= waitedSeconds) this.#claims.waited += 1;
    this.#claims.longest = Math.max(this.#claims.longest, waited);
  }

  ended(work: number): void {
    this.#ended.work += work;
    this.#ended.images += 1;
  }

  /** Seconds that the oldest work has waited, as workers and the API know it. */
  oldest(now: number): number {
    const [first] = this.#queued;
    const claimed = now - this.#last.claimedAt <= claimsSeconds ? this.#last.longest : 0;
    return Math.max(first === undefined ? 0 : now - first.at, claimed);
  }

  /** @param seen of the caller's last call */
  sync(
    { environment, turns, seen }: { environment: string; turns: Buffer | undefined; seen: number },
    { now, environments }: { now: number; environments: number },
  ): { snapshot: BacklogSnapshot; seen: number } {
    this.#rollUp(now);
    const posts = this.#posts;
    const shared = posts
      .slice(Math.max(0, seen - this.#firstPost))
      .filter((post) => post.environment !== environment && now - post.at < turnsSeconds);
    if (turns !== undefined) {
      posts.push({ at: now, environment, bytes: turns });
      this.sharedBytes += turns.length;
    }
    const { tenants, total } = this.#rolled ?? { tenants: new Map(), total: { ...nothing } };
    const snapshot = {
      at: now * 1000,
      total,
      tenants,
      ended: this.#intervals,
      oldestSeconds: this.oldest(now),
      environments: Math.max(1, environments),
      turns: shared,
      seen: '',
    };
    return { snapshot, seen: this.#firstPost + posts.length };
  }

  #rollUp(now: number): void {
    if (this.#rolled !== undefined && now - this.#rolled.at < rollUpSeconds) return;
    const since = this.#rolled?.at ?? now;
    if (this.#claims.count > 0) {
      const { count, waited, longest } = this.#claims;
      this.#last = { claimedAt: now, waited: 5 * waited >= count, longest };
    }
    if (this.#claims.count > 0 || this.#ended.images > 0) this.#workedAt = now;
    const waiting = this.#untried(since) || (this.#last.waited && now - this.#last.claimedAt < claimsSeconds);
    const seconds = now - since;
    if (seconds > 0 && seconds <= 120 && waiting && now - this.#workedAt < claimsSeconds)
      this.#intervals = [
        ...this.#intervals.slice(1 - mostIntervals),
        { at: now * 1000, seconds, ...this.#ended },
      ];
    this.#ended = { work: 0, images: 0 };
    this.#claims = { count: 0, waited: 0, longest: 0 };
    const total = { ...nothing };
    for (const { images, work, tickets, ticketWork } of this.#live.values()) {
      total.images += images;
      total.work += work;
      total.tickets += tickets;
      total.ticketWork += ticketWork;
    }
    this.#rolled = { at: now, tenants: new Map(this.#live), total };
    this.#own.clear();
    const kept = this.#posts.findIndex((post) => now - post.at < turnsSeconds);
    const gone = kept === -1 ? this.#posts.length : kept;
    this.#posts.splice(0, gone);
    this.#firstPost += gone;
  }

  /** Whether enough have been queued since the last roll-up that no worker has tried. */
  #untried(since: number): boolean {
    let count = 0;
    for (const { at } of this.#queued) {
      if (at > since) break;
      count += 1;
      if (count >= untried) return true;
    }
    return false;
  }
}
