import type { BacklogSnapshot } from '../../domain/backlog.ts';
import type { ProblemCode } from '../../domain/problems.ts';
import { longestRetryAfterSeconds } from '../../domain/retry-after.ts';
import { type AdmissionRequest, BacklogView, type Facts } from './backlog-view.ts';
import { returnOf, type Turn } from './line.ts';
import { openLines } from './lines.ts';
import { soonestReturn, unknownRate, unknownReturn } from './outage.ts';
import { Returns } from './returns.ts';

/** Why an image is refused, and after how many seconds to return. */
export interface Refusal {
  admitted: false;
  /** `backlog_share` if a tenant that has nothing waiting would be admitted now. */
  code: Extract<ProblemCode, 'backlog_share' | 'overloaded'>;
  /** For metrics: the tenant's share, its unused tickets, bulk is shed, or everyone waits. */
  reason: 'share' | 'unused_tickets' | 'bulk' | 'everyone';
  retryAfterSeconds: number;
  /** The turn comes later than that. */
  capped: boolean;
  /** Images that the tenant may have waiting now. */
  allowed: number;
  /** Gives the turn back, for a request that had its response already. */
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
  /** Decides on a request, and takes the room or a turn in line. Needs a snapshot. */
  decide(request: AdmissionRequest): Decision;
  /**
   * Gives a request a turn in line while no snapshot can be read, or tells it the rest of its turn; never admits it.
   * @param random as Math.random
   * @returns whole seconds after which to return
   */
  defer(request: AdmissionRequest, random: () => number): number;
  /** The tenant's unfinished work, the rate at which it is done, and that of all, in units of work (per second). */
  progress(tenant: string): { work: number; pace: number; drain: number };
}

const snapshotLivesMs = 1_000;
/** The part of the pace at which bulk requests are admitted at least. */
const bulkPace = 0.05;
/**
 * Seconds of drain by which a turn may be early: what other environments admitted in the last second or two is known a
 * little too late or too early.
 */
const toleranceSeconds = 2;
/** Part of the waiting time, and of the longest wait of work, by which a return may be early and is told to be late. */
const slack = 0.05;
/** Of the drain, at most this many times as much work is told to return: estimates vary, and must not make a herd. */
const densest = 1.15;
/** A turn that comes so soon is lost in an outage: it was given before the environment knew of that. */
const soonSeconds = 1.5;
/** Added to waiting times if there are other environments: until then some may not have heard of the turn. */
const heardAfterSeconds = 1.5;
/** Age of what other environments have shared, on average, when it is heard. */
const heardLateSeconds = 0.5;

/** @param now monotonic milliseconds, such as performance.now: all other times are the database's. */
export function openAdmission(facts: Facts, now: () => number): AdmissionPolicy {
  const lines = openLines();
  const view = new BacklogView(facts, { now, share: lines.share });
  let returns: Returns | undefined;

  function admit(request: AdmissionRequest, turn: Turn | undefined): Admission {
    const name = nameOf(request);
    // Of requests that look the same, other environments may admit another one in this turn.
    const ambiguous = turn !== undefined && !request.keyed && lines.count(name, turn.digest) > 1;
    if (turn !== undefined) lines.end(name, turn);
    const { tenant, work: cost } = request;
    const one = { at: view.clock(), tenant, cost, known: turn !== undefined && !ambiguous };
    view.admitted.add(one);
    return {
      admitted: true,
      withdraw() {
        view.admitted.remove(one);
        if (turn !== undefined) lines.promise(name, turn);
      },
    };
  }

  function refuse(
    request: AdmissionRequest,
    { seconds, room, withdraw = () => {} }: { seconds: number; room: number; withdraw?: () => void },
  ): Refusal {
    const others = view.admitsOthers(request);
    const shed = request.bulk ? 'bulk' : others ? 'share' : 'everyone';
    return {
      admitted: false,
      code: others ? 'backlog_share' : 'overloaded',
      reason: view.hasTooManyTickets(request) ? 'unused_tickets' : shed,
      retryAfterSeconds: wholeSeconds(seconds),
      capped: seconds > longestRetryAfterSeconds,
      allowed: view.allowed(request, room),
      withdraw,
    };
  }

  /** An environment that was idle may get the next requests, so it books no less than half of an even share. */
  const bookingShare = () => Math.max(lines.share(), 0.5 / view.environments());

  /** Whole seconds until a request may return: not before its turn, and not with too many others. */
  function book(request: AdmissionRequest, seconds: number, rate = view.drain * bookingShare()): number {
    const { work } = request;
    returns ??= new Returns(request.digest());
    const wanted = { seconds, work, rate: densest * rate, longest: longestRetryAfterSeconds };
    return returns.book(now() / 1000, wanted);
  }

  /** A turn for a request that has none. @param seconds until there is room */
  function promise(request: AdmissionRequest, seconds: number): { turn: Turn; wait: number } {
    const wait = book(request, seconds);
    const due = Math.round(view.clock() + wait * 1000);
    const turn = { digest: request.digest(), due, cost: request.work };
    lines.promise(nameOf(request), turn);
    return { turn, wait };
  }

  /** When a request returns whose turn has not come: at another time, if it was told to return within `soon` seconds. */
  function postpone(request: AdmissionRequest, turn: Turn, seconds: number, soon = 0): number {
    const rest = (returnOf(turn) - view.clock()) / 1000;
    if (rest > soon) return Math.min(rest, seconds);
    const wait = book(request, seconds);
    lines.postpone(nameOf(request), turn, Math.round(view.clock() + wait * 1000));
    return wait;
  }

  /** Where a request is in line. @param opened seconds in which room has opened that no snapshot shows */
  function place(request: AdmissionRequest, opened: number) {
    const name = nameOf(request);
    const line = lines.get(name);
    const pace = view.pace();
    const full = view.hasTooManyTickets(request);
    const room = Math.min(view.roomOf(request), full ? 0 : Number.POSITIVE_INFINITY);
    const normal = request.bulk ? (lines.get(nameOf({ ...request, bulk: false }))?.waiting ?? 0) : 0;
    const waiting = line?.waiting ?? 0;
    // While requests return in turn, room is used as fast as it opens.
    const needed = normal + request.work - room - (waiting === 0 ? 0 : pace * opened);
    const found = line?.find(request.digest())?.turn;
    const untilReturn = found === undefined ? 0 : (returnOf(found) - view.clock()) / 1000;
    // Without a key, one that comes before its time is probably another.
    if (line !== undefined && found !== undefined && (request.keyed || untilReturn <= 0)) {
      const missing = line.before(found.due) + needed;
      const seconds = Math.min(missing / pace, request.bulk ? untilReturn : Number.POSITIVE_INFINITY);
      const tolerance = found.back === undefined ? 1 : 2;
      const early = tolerance * pace * Math.max(toleranceSeconds, slack * facts.maxBacklogSeconds);
      const comes = missing <= Math.max(request.work, early) || (request.bulk && untilReturn <= 0);
      return { turn: found, comes: comes && !full, seconds, room };
    }
    const before = line === undefined ? 0 : line.waiting + lines.unheard(name, view.age() / 1000);
    const missing = before + needed;
    // Others come before bulk as long as there are any, so it must not count on the pace of all.
    const seconds = request.bulk && room < 0 ? (before + request.work) / (bulkPace * pace) : missing / pace;
    const late = Math.min(seconds, facts.maxBacklogSeconds) * slack;
    const heard = view.environments() > 1 ? heardAfterSeconds : 0;
    return { turn: undefined, comes: missing <= 0, seconds: seconds + late + heard, room };
  }

  return {
    stale: () => view.age() > snapshotLivesMs,
    news: () => lines.news(view.pressed()),
    learn(snapshot) {
      view.learn(snapshot);
      lines.hear(
        snapshot.turns.map(({ bytes }) => bytes),
        snapshot.environments,
      );
      lines.advance(view.clock(), (name) => view.roomOf({ ...ofName(name), work: 1, weight: 1 }));
    },
    decide(request) {
      lines.decided();
      const unseen = view.age() / 1000 + (1 - lines.share()) * heardLateSeconds;
      const { turn, comes, seconds, room } = place(request, unseen);
      if (comes) return admit(request, turn);
      if (turn !== undefined) return refuse(request, { seconds: postpone(request, turn, seconds), room });
      const promised = promise(request, seconds);
      const withdraw = () => lines.end(nameOf(request), promised.turn);
      return refuse(request, { seconds: Math.max(seconds, promised.wait), room, withdraw });
    },
    defer(request, random) {
      lines.decided();
      const age = view.age() / 1000;
      if (age > longestRetryAfterSeconds)
        return book(request, unknownReturn(random), unknownRate(facts.priorPerSecond));
      // No room opens meanwhile.
      const { turn, seconds } = place(request, 0);
      const least = Math.max(seconds, soonestReturn(age, random));
      const told =
        turn === undefined ? promise(request, least).wait : postpone(request, turn, least, soonSeconds);
      return wholeSeconds(told);
    },
    progress: (tenant) => ({ work: view.workOf(tenant), pace: view.pace(), drain: view.drain }),
  };
}

/** The line of a request: bulk has its own, behind the other. */
function nameOf({ tenant, bulk }: Pick<AdmissionRequest, 'tenant' | 'bulk'>): string {
  return `${bulk ? 'b' : 'n'}${tenant}`;
}
function ofName(name: string): Pick<AdmissionRequest, 'tenant' | 'bulk'> {
  return { tenant: name.slice(1), bulk: name.startsWith('b') };
}

function wholeSeconds(seconds: number): number {
  return Math.min(longestRetryAfterSeconds, Math.max(1, Math.ceil(seconds)));
}
