import type { IncomingMessage } from 'node:http';

/**
 * The whole body. Undefined if it is larger than `maxBytes`: the rest is read and dropped, so that the response arrives, up
 * to ten times as much. Listeners, because an asynchronous iterator takes as long as the rest of a small request.
 */
export function readBody(
  incoming: IncomingMessage,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<Buffer | undefined> {
  return new Promise((done, fail) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else chunks = [];
      if (bytes <= 10 * maxBytes) return;
      done(undefined);
      incoming.destroy();
    });
    incoming.once('end', () => {
      if (bytes > maxBytes) done(undefined);
      else done(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
    });
    incoming.once('error', fail);
    incoming.once('close', () => {
      if (!incoming.complete) fail(new Error('The client has disconnected.'));
    });
  });
}
