import type { ImageEvent } from '../domain/event.ts';

/** The first events of each image, then the second ones, and so on. */
export function wavesOf(events: readonly ImageEvent[]): ImageEvent[][] {
  const waves: ImageEvent[][] = [];
  const seen = new Map<string, number>();
  for (const event of events) {
    const place = seen.get(event.subject) ?? 0;
    seen.set(event.subject, place + 1);
    waves[place] ??= [];
    waves[place].push(event);
  }
  return waves;
}
