import type { Readable } from 'node:stream';

/** A sandbox writes only why it does not start, or how a codec fails: a line or two. */
const tailBytes = 2000;
const most = 1024 * 1024;

/**
 * Keeps the end of a sandbox's error output, for the log line of its loss. The output is never passed on: code that took a
 * codec over could write any number of log lines.
 * @param flooded called once, when there is more than a sandbox ever writes
 * @returns the current tail, in one line
 */
export function stderrTail(stream: Readable, flooded: () => void): () => string {
  let end = Buffer.alloc(0);
  let total = 0;
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Buffer) => {
    end = Buffer.concat([end, chunk]).subarray(-tailBytes);
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
