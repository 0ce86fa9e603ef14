import type { LogLine } from './target.ts';

/** The functions' lines, without those of Lambda and the runtime, and without metrics. */
export function readLog(lines: readonly string[]): LogLine[] {
  return lines.filter((line) => /^\{(?!"_aws")/.test(line)).map((line) => JSON.parse(line) as LogLine);
}

/**
 * The peak number of simultaneous executions, from their log of finished images: each began `milliseconds` before its
 * log line.
 */
export function peakExecutions(lines: readonly LogLine[]): number {
  const spans = new Map<string, { begin: number; end: number }>();
  for (const { requestId = '', timestamp, milliseconds } of lines) {
    if (milliseconds === undefined) continue;
    const end = Date.parse(timestamp);
    const known = spans.get(requestId);
    spans.set(requestId, {
      begin: Math.min(known?.begin ?? end, end - milliseconds),
      end: Math.max(known?.end ?? end, end),
    });
  }
  const all = [...spans.values()];
  // The peak is at the beginning of one of them.
  return Math.max(0, ...all.map(({ begin: at }) => all.filter((s) => s.begin <= at && at < s.end).length));
}
