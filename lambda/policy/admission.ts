import type { BacklogSnapshot, TenantBacklog } from '../domain/backlog.ts';
import type { ProblemCode } from '../domain/problems.ts';
import type { Settings } from '../domain/settings.ts';
import { drainRate } from './drain.ts';
import type { Turn } from './line.ts';
import { openLines } from './lines.ts';
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

/** Why an image is refused, and after how many seconds to return. */
export interface Refusal {
  admitted: false;
  /** `backlog_share` if a tenant that has nothing waiting would be admitted now. */
  code: Extract<ProblemCode, 'backlog_share' | 'overloaded'>;
  retryAfterSeconds: number;
  /** For metrics: the tenant's share, its unused tickets, bulk is shed, or everyone waits. */
  reason: 'share' | 'unused_tickets' | 'bulk' | 'everyone';
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
  /** Whether the next decision needs a snapshot. */
  stale(): boolean;
  /** What to share with the other environments in the next sync. */
  news(): Buffer | undefined;
  learn(snapshot: BacklogSnapshot): void;
  /** Decides on a request, and takes the room or a place in line. Needs a snapshot. */
  decide(request: AdmissionRequest): Decision;
  /** The tenant's unfinished work, the rate at which it is done, and that of all, in units of work (per second). */
  progress(tenant: string): { work: number; pace: number; drain: number };
}

const snapshotLivesMs = 1_000;
/** No waiting time is told beyond this many seconds: nothing is known about an hour from now. */
export const longestSeconds = 3_600;
/** Bulk requests find this part of the capacity, and are let in at this part of the pace at least. */
const bulk = { capacity: 0.5, pace: 0.05 };
/**
 * Seconds of drain by which a turn may be early: what other environments admitted in the last second or two is known a
 * little too late or too early.
 */
const toleranceSeconds = 2;
/** Part of the waiting time, and of the longest wait of work, by which a return may be early and is told to be late. */
const slack = 0.05;
/** Turns follow each other at most this many times as fast as room opens: estimates vary, and must not make a herd. */
const densest = 1.25;
/** Added to waiting times if there are other environments: until then some may not have heard of the turn. */
const heardAfterSeconds = 1.5;
/** An image that was admitted this long before a snapshot may not be in it. */
const commitsWithinMs = 1_200;
/** Age of what other environments have shared, on average, when it is heard. */
const heardLateSeconds = 0.5;
/** Over which the share of the workers is smoothed, in seconds. */
const shareMemorySeconds = 10;

type Facts = Pick<Settings['admission'], 'maxBacklogSeconds' | 'priorPerSecond' | 'slots'>;
const nothing: TenantBacklog = { images: 0, work: 0, tickets: 0, ticketWork: 0 };

/**
 * @param now monotonic milliseconds, such as performance.now: all other times are the database's.
 */
export function openAdmission(facts: Facts, now: () => number): AdmissionPolicy {
  const lines = openLines();
  let snapshot: BacklogSnapshot | undefined;
  let learntAt = Number.NEGATIVE_INFINITY;
  let drain = facts.priorPerSecond;
  let share = 1;
  let seen = 0;
  /** Admitted here, and probably not in the snapshot. */
  const admitted = new RecentAdmissions();

  const clock = () => (snapshot?.at ?? 0) + age();
  const age = () => now() - learntAt;
  const capacity = () => facts.maxBacklogSeconds * drain;
  const nameOf = ({ tenant, bulk }: Pick<AdmissionRequest, 'tenant' | 'bulk'>) =>
    `${bulk ? 'b' : 'n'}${tenant}`;

  /**
   * What was admitted since the snapshot, of one tenant or all. What other environments admitted is guessed from this
   * one's share, but not turns: those that others admitted are still in line here.
   */
  function sinceSnapshot(tenant?: string): number {
    const { known, fresh, single } = admitted.sums(tenant);
    // One image of a tenant says nothing about its others.
    return known + fresh + Math.max(0, fresh - single) * (1 / lines.share() - 1);
  }

  /** The work of all. Tickets that were used are not known until a worker takes them: as many as the oldest work shows. */
  function waitingWork(): number {
    const { work, ticketWork } = snapshot?.total ?? nothing;
    return work + Math.min(ticketWork, drain * (snapshot?.oldestSeconds ?? 0));
  }
  const backlogOf = (tenant: string) => snapshot?.tenants.get(tenant) ?? nothing;
  const paceNow = () => drain * share;

  /** Tickets of a tenant that no upload can have used, in images. */
  function unusedTickets(tenant: string): number {
    const all = snapshot?.total.ticketWork ?? 0;
    const used = all === 0 ? 0 : Math.min(1, (drain * (snapshot?.oldestSeconds ?? 0)) / all);
    return backlogOf(tenant).tickets * (1 - used) + admitted.sums(tenant).fresh;
  }

  /** @returns the room of a request of this tenant, in units of work. */
  function roomOf({
    tenant,
    work: cost,
    bulk: isBulk,
    weight,
  }: Pick<AdmissionRequest, 'tenant' | 'work' | 'bulk' | 'weight'>): number {
    const own = backlogOf(tenant);
    const tenants = snapshot?.tenants.size ?? 0;
    const more = sinceSnapshot(tenant);
    const standing = {
      total: waitingWork() + sinceSnapshot(),
      own: own.work + own.ticketWork + more,
      tickets: { total: (snapshot?.total.ticketWork ?? 0) + sinceSnapshot(), own: own.ticketWork + more },
      tenants,
      weight,
    };
    const room = roomFor(standing, capacity() * (isBulk ? bulk.capacity : 1));
    if (isBulk || standing.own > 0) return room;
    return admitsNewcomer(tenants, cost, capacity()) ? Math.max(room, cost) : room;
  }

  function reasonOf(request: AdmissionRequest, newcomer: boolean): Refusal['reason'] {
    if (tooManyTickets(request)) return 'unused_tickets';
    if (request.bulk) return 'bulk';
    return newcomer ? 'share' : 'everyone';
  }
  function tooManyTickets({ tenant, maxUnusedTickets }: AdmissionRequest): boolean {
    return maxUnusedTickets !== undefined && unusedTickets(tenant) >= maxUnusedTickets;
  }

  function refusal(request: AdmissionRequest, seconds: number, room: number, withdraw: () => void): Refusal {
    const newcomer = request.bulk
      ? roomFor(
          { total: waitingWork(), own: 0, tickets: { total: 0, own: 0 }, tenants: 1, weight: 1 },
          capacity() * bulk.capacity,
        ) >= request.work
      : admitsNewcomer(snapshot?.tenants.size ?? 0, 1, capacity());
    const own = backlogOf(request.tenant);
    return {
      admitted: false,
      code: newcomer ? 'backlog_share' : 'overloaded',
      reason: reasonOf(request, newcomer),
      retryAfterSeconds: wholeSeconds(seconds),
      capped: seconds > longestSeconds,
      allowed: Math.max(0, Math.floor(own.images + own.tickets + Math.max(room, -own.images - own.tickets))),
      withdraw,
    };
  }

  function admit(request: AdmissionRequest, turn: Turn | undefined): Admission {
    const name = nameOf(request);
    // Of requests that look the same, other environments may admit another one in this turn.
    const ambiguous =
      turn !== undefined && !request.keyed && (lines.get(name)?.find(turn.digest)?.of ?? 0) > 1;
    if (turn !== undefined) lines.end(name, turn);
    const one = {
      at: clock(),
      tenant: request.tenant,
      cost: request.work,
      known: turn !== undefined && !ambiguous,
    };
    admitted.add(one);
    return { admitted: true, withdraw: () => admitted.remove(one) };
  }

  return {
    stale: () => age() > snapshotLivesMs,
    news() {
      const { work, ticketWork } = snapshot?.total ?? nothing;
      return lines.news(work + ticketWork > capacity() / 4);
    },
    learn(next) {
      const passed =
        snapshot === undefined ? Number.POSITIVE_INFINITY : Math.max(0, next.at - snapshot.at) / 1000;
      snapshot = next;
      learntAt = now();
      drain = drainRate(next.ended, facts.priorPerSecond);
      seen += 1;
      const trust = Math.max(1 / seen, 1 - Math.exp(-passed / shareMemorySeconds));
      share += (shareOfWorkers(next.tenants, facts.slots) - share) * trust;
      admitted.since(next.at - commitsWithinMs);
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
      const pace = paceNow();
      const room = tooManyTickets(request) ? Math.min(0, roomOf(request)) : roomOf(request);
      const ahead = request.bulk ? (lines.get(nameOf({ ...request, bulk: false }))?.waiting ?? 0) : 0;
      const trickle = bulk.pace * pace;
      // While requests return in turn, room is used as fast as it opens.
      const unseen = age() / 1000 + (1 - lines.share()) * heardLateSeconds;
      const opened = line === undefined ? 0 : pace * unseen;
      const digest = line === undefined ? undefined : request.digest();
      const found = digest === undefined ? undefined : line?.find(digest)?.turn;
      const time = clock();
      // Without a key, one that comes before its time is probably another.
      const turn = found !== undefined && (request.keyed || found.due <= time) ? found : undefined;
      if (turn !== undefined) {
        const missing = ahead + (line?.before(turn.due) ?? 0) + request.work - room - opened;
        const dripped = request.bulk && turn.due <= time;
        const early = Math.max(toleranceSeconds, slack * facts.maxBacklogSeconds);
        if (missing <= Math.max(request.work, pace * early) || dripped) return admit(request, turn);
        const seconds = request.bulk
          ? Math.min(missing / pace, Math.max(1, (turn.due - time) / 1000))
          : missing / pace;
        return refusal(request, seconds, room, () => {});
      }
      const before = line === undefined ? 0 : line.waiting + lines.unheard(name);
      const missing = ahead + before + request.work - room - opened;
      if (missing <= 0) return admit(request, undefined);
      const seconds = request.bulk && room < 0 ? (before + request.work) / trickle : missing / pace;
      const late = Math.min(seconds, facts.maxBacklogSeconds) * slack;
      const heard = (snapshot?.environments ?? 1) > 1 ? heardAfterSeconds : 0;
      const gap = request.work / (densest * (request.bulk ? trickle : pace) * lines.share());
      const wait = lines.space(name, time, seconds + late + heard, gap);
      const promise = {
        digest: digest ?? request.digest(),
        due: Math.round(time + wholeSeconds(wait) * 1000),
        cost: request.work,
      };
      lines.promise(name, promise);
      return refusal(request, wait, room, () => lines.end(name, promise));
    },
    progress: (tenant) => ({
      work: backlogOf(tenant).work + backlogOf(tenant).ticketWork,
      pace: paceNow(),
      drain,
    }),
  };
}

function wholeSeconds(seconds: number): number {
  return Math.min(longestSeconds, Math.max(1, Math.ceil(seconds)));
}
