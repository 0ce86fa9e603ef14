import { Problem, retryAfter } from './problem.ts';

/**
 * The memory of one environment about the backlog. In a storm each count of a full backlog would cost the
 * database 15 to 26 ms, so a reading is used for a second: a full one refuses without asking, and one with
 * much room admits a hundredth of it uncounted. A hundredth, because a hundred environments may do the same.
 */
export interface AdmissionGate {
  /** The bound to count up to, or undefined where the next image may go in uncounted. */
  bound(): number | undefined;
  /** Remembers how many images were unfinished a moment ago. */
  counted(unfinished: number): void;
  /** The last count while it is fresh enough to tell somebody by it when to ask again, else undefined. */
  backlog(): number | undefined;
  /** Remembers that the backlog is full, and makes the answer. */
  refused(finishedLastMinute: number): Problem;
  /** The answer while the last refusal is fresh, else undefined. */
  standingRefusal(): Problem | undefined;
}

const readingLivesMs = 1_000;
const sharedByEnvironments = 100;

/**
 * For how long a count is good enough to tell somebody by it when to ask again, in milliseconds. A count of 50,000 takes
 * the database 15 ms and more and changes by some percent in ten seconds; a short one is cheap, and may double in one. So
 * it is 2 ms of the database's time for each second and environment.
 */
function backlogLives(unfinished: number): number {
  return Math.min(10_000, Math.max(1_000, unfinished / 5));
}

export function openGate(maxBacklog: number, now: () => number = Date.now): AdmissionGate {
  let uncounted = 0;
  let backlog = 0;
  let readAt = Number.NEGATIVE_INFINITY;
  let refusal: { seconds: number; at: number } | undefined;
  return {
    bound() {
      if (uncounted < 1 || now() - readAt > readingLivesMs) return maxBacklog;
      uncounted -= 1;
      return undefined;
    },
    counted(unfinished) {
      backlog = unfinished;
      uncounted = Math.floor((maxBacklog - unfinished) / sharedByEnvironments);
      readAt = now();
      if (unfinished < maxBacklog) refusal = undefined;
    },
    backlog: () => (now() - readAt > backlogLives(backlog) ? undefined : backlog),
    refused(finishedLastMinute) {
      backlog = maxBacklog;
      readAt = now();
      uncounted = 0;
      refusal = { seconds: secondsUntilRoom(maxBacklog, finishedLastMinute), at: now() };
      return overloaded(refusal.seconds);
    },
    standingRefusal() {
      if (refusal === undefined || now() - refusal.at > readingLivesMs) return undefined;
      return overloaded(refusal.seconds);
    },
  };
}

/** Room for a twentieth of the backlog is worth coming back for: with less, those who wait would fail again. */
const roomWanted = 0.05;

/**
 * When a producer should come back: the time that the workers need for a twentieth of the backlog at the pace of
 * the last minute, in seconds, between 5 and 600. Where nothing was finished in it, nothing moves: 600.
 */
export function secondsUntilRoom(maxBacklog: number, finishedLastMinute: number): number {
  const wanted = Math.max(1, Math.ceil(maxBacklog * roomWanted));
  return Math.min(600, Math.max(5, Math.ceil((wanted * 60) / finishedLastMinute)));
}

function overloaded(seconds: number): Problem {
  return new Problem('overloaded', `The queue of images is full. Come back in ${seconds} seconds.`, {
    headers: retryAfter(seconds),
  });
}
