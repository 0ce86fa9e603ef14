import type { LogLine } from './target.ts';

/** The functions' own lines among what Lambda and the runtime write. */
export function readLog(lines: readonly string[]): LogLine[] {
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
}

/**
 * The most executions that were under way at the same moment, by what they logged of finished images: each began its
 * image `milliseconds` before it said so.
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
  // The most are under way when one of them begins.
  return Math.max(0, ...all.map(({ begin: at }) => all.filter((s) => s.begin <= at && at < s.end).length));
}
