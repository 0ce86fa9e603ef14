import type { Ending, EndpointHealth, HealthAfter } from '../../domain/webhook.ts';

/** Attempts in a row that fail before an endpoint is paused. */
export const pauseAfterFailures = 10;
/** Pause before the first probe, and the longest between two, in seconds. */
export const probes = { firstSeconds: 30, longestSeconds: 1_800 } as const;

/**
 * Health after the attempts of a batch. Any success ends a pause. An endpoint is paused after 10 failures in a row; then
 * one delivery at a time probes it, after 30 s, 60 s … half an hour, each spread over half of the pause.
 * @param retryAfterSeconds the longest that a response asked for: it holds for the endpoint, not only for one event
 * @param random from 0 to 1, 1 excluded
 */
export function healthAfter(
  before: EndpointHealth,
  endings: readonly Ending[],
  retryAfterSeconds: number,
  random: () => number,
): HealthAfter {
  if (before.state === 'disabled') return { ...before, holdSeconds: 0 };
  if (endings.includes('gone'))
    return { state: 'disabled', reason: 'gone', failures: before.failures, holdSeconds: 0 };
  const failed = endings.filter((ending) => ending === 'failed').length;
  if (endings.includes('delivered'))
    return { state: 'active', reason: null, failures: 0, holdSeconds: retryAfterSeconds };
  const failures = before.failures + failed;
  if (failures < pauseAfterFailures && before.state === 'active')
    return { state: 'active', reason: null, failures, holdSeconds: retryAfterSeconds };
  // Of stale requests nothing is learnt.
  if (failed === 0) return { ...before, holdSeconds: 0 };
  return {
    state: 'paused',
    reason: 'failures',
    failures,
    holdSeconds: Math.max(retryAfterSeconds, probePause(failures - pauseAfterFailures, random)),
  };
}

function probePause(probesFailed: number, random: () => number): number {
  const ceiling = Math.min(
    probes.longestSeconds,
    probes.firstSeconds * 2 ** Math.min(20, Math.max(0, probesFailed)),
  );
  return ceiling * (0.5 + random() / 2);
}
