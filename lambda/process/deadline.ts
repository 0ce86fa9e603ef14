import { openInvocation } from '../runtime/deadline.ts';
import type { RemainingTime } from '../runtime/handler.ts';
import { answerMs, finishMs, goneMs } from './time-budget.ts';

/** The time of one invocation, shared out: work ends early enough for what was done to be recorded. */
export interface Deadline {
  /** Milliseconds until the invocation is ended from outside. */
  remaining(): number;
  /** Milliseconds that work may still take; never below 0. */
  forWork(): number;
  /** What one decode has at the least, in milliseconds: its own limit, or half of the invocation where that is less. */
  readonly decodeMs: number;
  /** True while a job may be started: it has the time of a whole decode. */
  mayStart(): boolean;
  /** Aborts when work has to end. */
  readonly work: AbortSignal;
  /** Aborts when results have to be recorded. */
  readonly record: AbortSignal;
  /** Aborts when the queues have to know. */
  readonly answer: AbortSignal;
  close(): void;
}

/** @param decodeTimeoutMs what one decode may take at the most. */
export function openDeadline(remaining: RemainingTime, decodeTimeoutMs: number): Deadline {
  const whole = remaining();
  const finish = Math.min(finishMs, whole / 4);
  const decodeMs = Math.min(decodeTimeoutMs, (whole - finish) / 2);
  const forWork = () => Math.max(0, remaining() - finish);
  const [work, record, answer] = [
    openInvocation(remaining, finish),
    openInvocation(remaining, Math.min(answerMs, whole / 8)),
    openInvocation(remaining, Math.min(goneMs, whole / 16)),
  ] as const;
  return {
    remaining,
    forWork,
    decodeMs,
    mayStart: () => forWork() > 0 && forWork() >= decodeMs,
    work: work.signal,
    record: record.signal,
    answer: answer.signal,
    close() {
      for (const one of [work, record, answer]) one.close();
    },
  };
}
