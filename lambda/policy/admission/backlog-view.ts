import type { BacklogSnapshot, TenantBacklog } from '../../domain/backlog.ts';
import type { Settings } from '../../domain/settings.ts';
import { drainRate } from './drain.ts';
import { shareOfWorkers } from './pace.ts';
import { RecentAdmissions } from './recent-admissions.ts';
import { admitsNewcomer, roomFor } from './threshold.ts';

/** A request for one image. */
export interface AdmissionRequest {
  tenant: string;
  /** Expected cost of the image in ordinary photographs (work.ts). */
  work: number;
  /** Recognises the request when it returns: 8 bytes, as latin1. Called only under pressure. */
  digest: () => string;
  /** Whether the digest names one request (an Idempotency-Key), or all that look the same. */
  keyed: boolean;
  bulk: boolean;
  /** Of the tenant's plan. */
  weight: number;
  maxUnusedTickets?: number | undefined;
}
export type Facts = Settings['admission'] & {
  /** Of threshold.ts, which the simulator varies. */
  reach?: number;
};

/** Bulk requests find this part of the capacity. */
const bulkCapacity = 0.5;
/** Over which the share of the workers is smoothed, in seconds. */
const shareMemorySeconds = 10;
/** An image that was admitted this long before a snapshot may not be in it: sums are up to 0.9 s old. */
const commitsWithinMs = 1_200;

const nothing: TenantBacklog = { images: 0, work: 0, tickets: 0, ticketWork: 0 };

/** The backlog as this environment sees it: the last snapshot, and what was admitted since. */
export class BacklogView {
  /** What this environment admitted since. */
  readonly admitted = new RecentAdmissions();
  /** Ordinary photographs a second, of all tenants. */
  drain: number;
  readonly #facts: Facts;
  readonly #now: () => number;
  /** Part of all requests that this environment decides. */
  readonly #share: () => number;
  #snapshot: BacklogSnapshot | undefined;
  #learntAt = Number.NEGATIVE_INFINITY;
  #snapshots = 0;
  #shareOfWorkers = 1;

  constructor(facts: Facts, { now, share }: { now: () => number; share: () => number }) {
    this.#facts = facts;
    this.#now = now;
    this.#share = share;
    this.drain = facts.priorPerSecond;
  }

  learn(next: BacklogSnapshot): void {
    const last = this.#snapshot?.at ?? Number.NEGATIVE_INFINITY;
    this.#snapshot = next;
    this.#learntAt = this.#now();
    this.drain = drainRate(next.ended, this.#facts.priorPerSecond);
    this.#snapshots += 1;
    const forgotten = 1 - Math.exp(-Math.max(0, next.at - last) / 1000 / shareMemorySeconds);
    this.#shareOfWorkers +=
      (shareOfWorkers(this.#uploaded(), this.#facts.slots) - this.#shareOfWorkers) *
      Math.max(1 / this.#snapshots, forgotten);
    this.admitted.since(next.at - commitsWithinMs);
  }

  /** Milliseconds since the last snapshot; infinite without one. */
  age(): number {
    return this.#now() - this.#learntAt;
  }
  /** The database's clock. */
  clock(): number {
    return (this.#snapshot?.at ?? 0) + this.age();
  }
  environments(): number {
    return this.#snapshot?.environments ?? 1;
  }
  capacity(): number {
    return this.#facts.maxBacklogSeconds * this.drain;
  }
  /** Whether environments have to tell each other what they decide. */
  pressed(): boolean {
    const { work, ticketWork } = this.#snapshot?.total ?? nothing;
    return work + ticketWork > this.capacity() / 4;
  }
  /** The rate at which the work of a tenant with much work is done, in units a second. */
  pace(): number {
    return Math.max(1e-6, this.drain * this.#shareOfWorkers);
  }
  /** Unfinished work of a tenant, and of its tickets. */
  workOf(tenant: string): number {
    const { work, ticketWork } = this.#of(tenant);
    return work + ticketWork;
  }

  /** How much more work the tenant may bring, in units; negative by what it has too much. */
  roomOf({
    tenant,
    work,
    bulk,
    weight,
  }: Pick<AdmissionRequest, 'tenant' | 'work' | 'bulk' | 'weight'>): number {
    const { ticketWork } = this.#of(tenant);
    const more = this.#since(tenant);
    const all = this.#since();
    const own = this.workOf(tenant) + more;
    const tenants = this.#snapshot?.tenants.size ?? 0;
    const tickets = { total: (this.#snapshot?.total.ticketWork ?? 0) + all, own: ticketWork + more };
    const capacity = this.capacity() * (bulk ? bulkCapacity : 1);
    const standing = { total: this.#waiting() + all, own, tickets, tenants, weight };
    const room = roomFor(standing, capacity, bulk, this.#facts.reach);
    if (bulk || own > 0 || !admitsNewcomer(tenants, work, capacity)) return room;
    return Math.max(room, work);
  }

  /** Whether a tenant that has nothing waiting would be admitted. */
  admitsOthers({ bulk, work }: Pick<AdmissionRequest, 'bulk' | 'work'>): boolean {
    const tenants = this.#snapshot?.tenants.size ?? 0;
    if (!bulk) return admitsNewcomer(tenants, work, this.capacity());
    const all = this.#since();
    const tickets = { total: (this.#snapshot?.total.ticketWork ?? 0) + all, own: 0 };
    const standing = { total: this.#waiting() + all, own: 0, tickets, tenants, weight: 1 };
    return roomFor(standing, this.capacity() * bulkCapacity, true, this.#facts.reach) >= work;
  }

  /** Images of this size that the tenant may have unfinished. */
  allowed({ tenant, work }: Pick<AdmissionRequest, 'tenant' | 'work'>, room: number): number {
    return Math.max(0, Math.floor((this.workOf(tenant) + this.#since(tenant) + room) / work + 1e-9));
  }

  /** Whether the plan allows no more tickets that no upload can have used. */
  hasTooManyTickets({ tenant, maxUnusedTickets }: AdmissionRequest): boolean {
    if (maxUnusedTickets === undefined) return false;
    const all = this.#snapshot?.total.ticketWork ?? 0;
    const used = all === 0 ? 0 : this.#used() / all;
    const unused = this.#of(tenant).tickets * (1 - used) + this.admitted.sums(tenant).images;
    return unused >= maxUnusedTickets;
  }

  #of(tenant: string): TenantBacklog {
    return this.#snapshot?.tenants.get(tenant) ?? nothing;
  }

  /** Work of tickets that were used: unknown until a worker takes it, but the oldest work shows how much there is. */
  #used(): number {
    return Math.min(this.#snapshot?.total.ticketWork ?? 0, this.drain * (this.#snapshot?.oldestSeconds ?? 0));
  }
  /** Images of each tenant that wait or are in progress. A worker has yet to see that a ticket was used. */
  #uploaded(): number[] {
    const { total, tenants } = this.#snapshot ?? {
      total: nothing,
      tenants: new Map<string, TenantBacklog>(),
    };
    const used = total.ticketWork === 0 ? 0 : this.#used() / total.ticketWork;
    return [...tenants.values()].map(({ images, tickets }) => images + used * tickets);
  }
  #waiting(): number {
    return (this.#snapshot?.total.work ?? 0) + this.#used();
  }

  /**
   * What was admitted since the snapshot, of one tenant or all. What other environments admitted is guessed from this
   * one's share, but not turns: those that others admitted are still in line here.
   */
  #since(tenant?: string): number {
    const { known, fresh, single } = this.admitted.sums(tenant);
    // Two images of a tenant in a second or two say nothing about its others.
    return known + fresh + Math.max(0, fresh - 2 * single) * (1 / this.#share() - 1);
  }
}
