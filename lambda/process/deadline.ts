import type { RemainingTime } from '../runtime/handler.ts';

/** What the end of an invocation needs, in milliseconds: one commit (2 s when it has to reconnect) and the visibility calls. */
const finishMs = 4_000;

/** The time of one invocation, shared out: work ends early enough for what was done to be recorded. */
export interface Deadline {
  /** Milliseconds until the invocation is ended from outside. */
  remaining(): number;
  /** Milliseconds that work may still take; never below 0. */
  forWork(): number;
  /** True while a job may be started: it has the time of a whole decode, or half of the invocation where that is less. */
  mayStart(): boolean;
}

/** @param decodeTimeoutMs what one decode may take at the most. */
export function openDeadline(remaining: RemainingTime, decodeTimeoutMs: number): Deadline {
  const whole = remaining();
  const finish = Math.min(finishMs, whole / 4);
  const enough = Math.min(decodeTimeoutMs, (whole - finish) / 2);
  const forWork = () => Math.max(0, remaining() - finish);
  return { remaining, forWork, mayStart: () => forWork() > 0 && forWork() >= enough };
}
