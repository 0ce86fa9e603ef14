import { openInvocation } from '../runtime/deadline.ts';
import type { RemainingTime } from '../runtime/handler.ts';
import { answerMs, finishMs, goneMs } from './time-budget.ts';

/** The time of one invocation: work ends early enough to record its results. */
export interface Deadline {
  /** Milliseconds until Lambda ends the invocation. */
  remaining(): number;
  /** Milliseconds left for work; never below 0. */
  forWork(): number;
  /** Least time of one decode, in milliseconds: its limit, or half of the invocation if that is less. */
  readonly decodeMs: number;
  /** True while a job may start: there is time for a whole decode. */
  mayStart(): boolean;
  /** Aborts when work must end. */
  readonly work: AbortSignal;
  /** Aborts when results must be recorded. */
  readonly record: AbortSignal;
  /** Aborts when the calls to the queues must end. */
  readonly answer: AbortSignal;
  close(): void;
}

/** @param decodeTimeoutMs limit of one decode. */
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
