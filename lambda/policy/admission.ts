import type { BacklogSnapshot, TenantBacklog } from '../domain/backlog.ts';
import type { ProblemCode } from '../domain/problems.ts';
import type { Settings } from '../domain/settings.ts';
import { drainRate } from './drain.ts';
import type { Turn } from './line.ts';
import { openLines } from './lines.ts';
import { shareOfWorkers } from './pace.ts';
import { admitsNewcomer, roomFor } from './threshold.ts';

/** A request for one image. */
export interface AdmissionRequest {
  tenant: string;
  /** Expected cost of the image in ordinary photographs (work.ts). */
  work: number;
  /** Recognises the request when it returns: 8 bytes, as latin1. */
  digest: string;
  /** Whether the digest names one request (an Idempotency-Key), or all that look the same. */
  keyed: boolean;
  bulk: boolean;
  /** Of the tenant's plan. */
  weight: number;
}

/** Why an image is refused, and after how many seconds to return. */
export interface Refusal {
  admitted: false;
  /** `backlog_share` if a tenant that has nothing waiting would be admitted now. */
  code: Extract<ProblemCode, 'backlog_share' | 'overloaded'>;
  retryAfterSeconds: number;
  /** The waiting time is longer than that. */
  capped: boolean;
  /** Images that the tenant may have waiting now. */
  allowed: number;
  /** Gives the place in line back, for a request that had its answer already. */
  withdraw(): void;
}
export interface Admission {
  admitted: true;
  /** Gives the room back, if no image was made. */
  withdraw(): void;
}
export type Decision = Admission | Refusal;

/** Admission in one environment of the API. */
export interface AdmissionPolicy {
  /** Milliseconds since the last snapshot; infinite without one. */
  age(): number;
  /** What to share with the other environments in the next sync. */
  news(): Buffer | undefined;
  learn(snapshot: BacklogSnapshot): void;
  /** Decides on a request, and takes the room or a place in line. Needs a snapshot. */
  decide(request: AdmissionRequest): Decision;
  /** The tenant's unfinished work, the rate at which it is done, and that of all, in units of work (per second). */
  progress(tenant: string): { work: number; pace: number; drain: number };
}

/** No waiting time is told beyond this many seconds: nothing is known about an hour from now. */
export const longestSeconds = 3_600;
/** Bulk requests find this part of the capacity, and are let in at this part of the pace at least. */
const bulk = { capacity: 0.5, pace: 0.05 };
/**
 * Seconds of drain by which a turn may be early: what other environments admitted in the last second or two is known a
 * little too late or too early.
 */
const toleranceSeconds = 2;
/** Added to waiting times if there are other environments: until then some may not have heard of the turn. */
const heardAfterSeconds = 1.5;
/** An image that was admitted this long before a snapshot may not be in it. */
const commitsWithinMs = 1_200;
/** Over which the share of the workers is smoothed, in seconds. */
const shareMemorySeconds = 10;

type Facts = Pick<Settings['admission'], 'maxBacklogSeconds' | 'priorPerSecond' | 'slots'> & { ticketSeconds: number };

/**
 * @param now monotonic milliseconds, such as performance.now: all other times are the database's.
 */
export function openAdmission(facts: Facts, now: () => number): AdmissionPolicy {
  const lines = openLines();
  let snapshot: BacklogSnapshot | undefined;
  let learntAt = Number.NEGATIVE_INFINITY;
  let drain = facts.priorPerSecond;
  let share = 1;
  /** Snapshots since workers are busy. */
  let busy = 0;
  /** Admitted here, and probably not in the snapshot. */
  let admitted: { at: number; tenant: string; cost: number; turn: boolean }[] = [];

  const clock = () => (snapshot?.at ?? 0) + age();
  const age = () => now() - learntAt;
  const capacity = () => facts.maxBacklogSeconds * drain;
  const nameOf = ({ tenant, bulk }: Pick<AdmissionRequest, 'tenant' | 'bulk'>) => `${bulk ? 'b' : 'n'}${tenant}`;

  /**
   * What was admitted since the snapshot, of one tenant or all. What other environments admitted is guessed from this
   * one's share, but not turns: those that others admitted are still in line here.
   */
  function sinceSnapshot(tenant?: string): number {
    const others = 1 / lines.share();
    return admitted
      .filter((one) => tenant === undefined || one.tenant === tenant)
      .reduce((sum, { cost, turn }) => sum + (turn ? cost : cost * others), 0);
  }

  function paceOf(tenant: string): number {
    const own = backlogOf(tenant);
    const { work, tickets } = inWork(own);
    // Room opens as work is done, and as tickets expire.
    const used = work + tickets === 0 ? 1 : work / (work + tickets);
    return Math.max(1e-6, drain * share * used + tickets / facts.ticketSeconds);
  }
  const backlogOf = (tenant: string) => snapshot?.tenants.get(tenant) ?? { images: 0, work: 0, tickets: 0 };

  /** @returns the room of a request of this tenant, in units of work. */
  function roomOf({ tenant, work: cost, bulk: isBulk, weight }: Pick<AdmissionRequest, 'tenant' | 'work' | 'bulk' | 'weight'>): number {
    const all = inWork(snapshot?.total);
    const own = inWork(backlogOf(tenant));
    const tenants = snapshot?.tenants.size ?? 0;
    const more = sinceSnapshot(tenant);
    const standing = {
      total: all.work + sinceSnapshot(),
      own: own.work + own.tickets + more,
      tickets: { total: all.tickets, own: own.tickets },
      tenants,
      weight,
    };
    const room = roomFor(standing, capacity() * (isBulk ? bulk.capacity : 1));
    if (isBulk || standing.own > 0) return room;
    return admitsNewcomer(tenants, cost, capacity()) ? Math.max(room, cost) : room;
  }

  function refusal(request: AdmissionRequest, seconds: number, room: number, withdraw: () => void): Refusal {
    const newcomer = request.bulk
      ? roomFor(
          { total: inWork(snapshot?.total).work, own: 0, tickets: { total: 0, own: 0 }, tenants: 1, weight: 1 },
          capacity() * bulk.capacity,
        ) >= request.work
      : admitsNewcomer(snapshot?.tenants.size ?? 0, 1, capacity());
    const own = backlogOf(request.tenant);
    return {
      admitted: false,
      code: newcomer ? 'backlog_share' : 'overloaded',
      retryAfterSeconds: Math.min(longestSeconds, Math.max(1, Math.ceil(seconds))),
      capped: seconds > longestSeconds,
      allowed: Math.max(0, Math.floor(own.images + own.tickets + Math.max(room, -own.images - own.tickets))),
      withdraw,
    };
  }

  function admit(request: AdmissionRequest, turn: Turn | undefined): Admission {
    const name = nameOf(request);
    if (turn !== undefined) lines.end(name, turn);
    const one = { at: clock(), tenant: request.tenant, cost: request.work, turn: turn !== undefined };
    admitted.push(one);
    return {
      admitted: true,
      withdraw() {
        admitted = admitted.filter((other) => other !== one);
      },
    };
  }

  return {
    age,
    news: () => lines.news((snapshot?.total.work ?? 0) > capacity() / 4),
    learn(next) {
      const passed = snapshot === undefined ? Number.POSITIVE_INFINITY : Math.max(0, next.at - snapshot.at) / 1000;
      snapshot = next;
      learntAt = now();
      drain = drainRate(next.ended, facts.priorPerSecond);
      busy = next.total.images < facts.slots ? 0 : busy + 1;
      const trust = Math.max(1 / Math.max(1, busy), 1 - Math.exp(-passed / shareMemorySeconds));
      share += (shareOfWorkers(next.tenants, facts.slots) - share) * trust;
      admitted = admitted.filter(({ at }) => at > next.at - commitsWithinMs);
      lines.hear(
        next.turns.map(({ bytes }) => bytes),
        next.environments,
      );
      lines.advance(clock(), (name) =>
        roomOf({ tenant: name.slice(1), bulk: name.startsWith('b'), work: 1, weight: 1 }),
      );
    },
    decide(request) {
      lines.decided();
      const name = nameOf(request);
      const line = lines.get(name);
      const pace = paceOf(request.tenant);
      const room = roomOf(request);
      const ahead = request.bulk ? (lines.get(nameOf({ ...request, bulk: false }))?.waiting ?? 0) : 0;
      const trickle = bulk.pace * pace;
      // While requests return in turn, room is used as fast as it opens.
      const opened = line === undefined ? 0 : pace * (age() / 1000);
      const found = line?.find(request.digest);
      const time = clock();
      // Without a key, one that comes before its time is probably another.
      const turn = found !== undefined && (request.keyed || found.due <= time + 1000) ? found : undefined;
      if (turn !== undefined) {
        const missing = ahead + (line?.before(turn.due) ?? 0) + request.work - room - opened;
        const dripped = request.bulk && turn.due <= time;
        if (missing <= pace * toleranceSeconds || dripped) return admit(request, turn);
        const seconds = request.bulk ? Math.min(missing / pace, Math.max(1, (turn.due - time) / 1000)) : missing / pace;
        return refusal(request, seconds, room, () => {});
      }
      const before = line === undefined ? 0 : line.waiting + lines.unheard(name);
      const missing = ahead + before + request.work - room - opened;
      if (missing <= 0) return admit(request, undefined);
      const seconds =
        (request.bulk && room < 0 ? (before + request.work) / trickle : missing / pace) +
        ((snapshot?.environments ?? 1) > 1 ? heardAfterSeconds : 0);
      const due = Math.round(time + Math.min(longestSeconds, seconds) * 1000);
      const promise = { digest: request.digest, due, cost: request.work };
      lines.promise(name, promise);
      return refusal(request, seconds, room, () => lines.end(name, promise));
    },
    progress: (tenant) => ({ work: inWork(backlogOf(tenant)).work, pace: paceOf(tenant), drain }),
  };
}

/** A backlog in units of work, with what its tickets become. */
function inWork({ images, work, tickets }: TenantBacklog = { images: 0, work: 0, tickets: 0 }): {
  work: number;
  tickets: number;
} {
  return { work, tickets: tickets * (images === 0 ? 1 : work / images) };
}
