import type { Readable } from 'node:stream';

/** A sandbox says nothing but why it does not start, or what a codec breaks with: a line or two. */
const kept = 2000;
const most = 1024 * 1024;

/**
 * Keeps the end of what a sandbox writes as errors, for the log line of its loss. Never handed through: code that took it
 * over could write lines of any kind into the log, as many as it likes.
 * @param flooded called once, when there is more than a sandbox ever has to say
 * @returns the last words until now, in one line
 */
export function stderrTail(stream: Readable, flooded: () => void): () => string {
  let end = Buffer.alloc(0);
  let total = 0;
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Buffer) => {
    end = Buffer.concat([end, chunk]).subarray(-kept);
    const before = total;
    total += chunk.length;
    if (before <= most && total > most) flooded();
  });
  return () =>
    end
      .toString()
      .replace(/[\p{Cc}\s]+/gu, ' ')
      .trim();
}
