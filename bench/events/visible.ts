import { setTimeout as pause } from 'node:timers/promises';
import type { ImageEvent } from '../../lambda/domain/event.ts';
import type { RunningPipeline } from '../../local/pipeline.ts';
import { smallPhoto } from '../../test/support/pictures.ts';

/** An event that a reader got: milliseconds since its time, which is shortly before its commit. */
export interface Seen {
  reader: string;
  event: string;
  type: string;
  ms: number;
}

/** Notes what a reader got. @param text a CloudEvent */
export function noteEvent(seen: Seen[], reader: string, text: string, at: number): void {
  const { id, type, time } = JSON.parse(text) as ImageEvent;
  seen.push({ reader, event: id, type, ms: at - Date.parse(time) });
}

/** Uploads images, each a pause after the one before, so that the machine is quiet but for them. */
export async function uploadEach(
  { url, apiKey }: Pick<RunningPipeline, 'url' | 'apiKey'>,
  images: number,
  pauseMs: number,
): Promise<void> {
  for (let n = 0; n < images; n += 1) {
    const response = await fetch(`${url}/v1/images`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'image/png' },
      body: new Uint8Array(await smallPhoto(n)),
    });
    if (response.status !== 202) throw new Error(`an upload was answered with ${response.status}`);
    await pause(pauseMs);
  }
}

/** Asks until so many were seen. @throws Error after so many seconds, because events are missing */
export async function untilSeen(count: () => number, wanted: number, seconds: number): Promise<void> {
  const deadline = Date.now() + seconds * 1_000;
  while (count() < wanted) {
    if (Date.now() > deadline) throw new Error(`${count()} of ${wanted} events arrived in ${seconds} s`);
    await pause(100);
  }
}

/** The value that so much of all is not above, in milliseconds. */
export function percentile(seen: readonly Seen[], part: number): number {
  const sorted = seen.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return Math.round(sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN);
}
