import type { ExecutionsReport } from './executions-process.ts';
import type { PlainSettings } from './settings.ts';

export interface MappingState {
  /** How many may run at once. */
  executions: number;
  visible: number;
  /** Share of failed invocations since the last step, 0 to 1. */
  failing: number;
}

/**
 * How many executions the mapping lets run at once: more while messages are visible, fewer while none are. With `backOff`
 * it shrinks by a tenth of the share of failed invocations each second instead: AWS documents that the mapping reduces its
 * concurrency when the function fails, without numbers.
 */
export function nextExecutions(
  { executions, visible, failing }: MappingState,
  { least, most, perSecond }: PlainSettings['mapping'],
  seconds: number,
  backOff: boolean,
): number {
  if (backOff && failing > 0.5) return Math.max(least, executions * (1 - 0.1 * failing * seconds));
  const step = perSecond * seconds;
  return Math.min(most, Math.max(least, executions + (visible > 0 ? step : -step)));
}

const stepMs = 200;

/** Scales the processes that share the executions, until it is stopped. */
export function startMapping(given: {
  settings: PlainSettings['mapping'];
  backOff: boolean;
  reports(): ExecutionsReport[];
  visible(): number;
  /** Sets how many may run at once in one of `processes` processes. */
  scale(process: number, executions: number): void;
  processes: number;
}): { stop(): void } {
  const { settings, backOff, processes } = given;
  let executions = settings.least;
  let before = { invocations: 0, failed: 0 };
  const timer = setInterval(() => {
    const now = { invocations: 0, failed: 0 };
    for (const { invocations, failedInvocations } of given.reports()) {
      now.invocations += invocations;
      now.failed += failedInvocations;
    }
    const failing = (now.failed - before.failed) / Math.max(1, now.invocations - before.invocations);
    before = now;
    const state = { executions, visible: given.visible(), failing };
    executions = nextExecutions(state, settings, stepMs / 1000, backOff);
    for (let process = 0; process < processes; process++)
      given.scale(process, Math.floor((executions + process) / processes));
  }, stepMs);
  return { stop: () => clearInterval(timer) };
}
