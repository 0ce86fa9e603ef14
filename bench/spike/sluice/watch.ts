import type { Sample } from '../result.ts';
import { openConnections } from '../sampled.ts';

/** A line of progress: where the run is, and the rates since the last line. */
export function progressLine(
  phase: { name: string; secondsLeft: number },
  before: Sample | undefined,
  now: Sample,
): string {
  const seconds = Math.max(0.001, now.at - (before?.at ?? 0));
  const rate = (of: (sample: Sample) => number) =>
    ((of(now) - (before === undefined ? 0 : of(before))) / seconds).toFixed(1);
  const left = phase.secondsLeft > 0 ? `${Math.ceil(phase.secondsLeft)} s left` : '';
  return [
    `${now.at.toFixed(0).padStart(5)} s`,
    phase.name.padEnd(18),
    left.padEnd(11),
    `offered ${rate((s) => s.offered)}/s`.padEnd(17),
    `admitted ${rate((s) => s.admitted)}/s`.padEnd(16),
    `refused ${rate((s) => s.refused)}/s`.padEnd(17),
    `ready ${rate((s) => s.ready)}/s`.padEnd(13),
    `waiting ${now.visible}`.padEnd(13),
    `oldest ${now.oldestSeconds.toFixed(0)} s`.padEnd(13),
    `executions ${now.executions}`.padEnd(14),
    `connections ${openConnections(now) ?? 'unknown'}`,
  ].join('');
}

/** Connections at their highest, by role and together. */
export function peakConnections(samples: readonly Sample[]): {
  together: number;
  byRole: Record<string, number>;
} {
  const byRole: Record<string, number> = {};
  let together = 0;
  for (const sample of samples) {
    together = Math.max(together, openConnections(sample) ?? 0);
    for (const [role, count] of Object.entries(sample.connections ?? {}))
      byRole[role] = Math.max(byRole[role] ?? 0, count);
  }
  return { together, byRole };
}
