import { once } from 'node:events';
import { compressor, type Encoding } from '../runtime/content-encoding.ts';

/** A compressed piece of a file. Pieces of zstd and gzip can be joined: a reader sees one text. */
export interface Frame {
  /** Compressed bytes so far, less what the compressor still holds. */
  readonly bytes: number;
  write(chunk: Buffer): Promise<void>;
  /** Ends the piece. @returns all of it */
  end(): Promise<Buffer>;
}

export function openFrame(encoding: Encoding): Frame {
  const stream = compressor(encoding);
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
  });
  return {
    get bytes() {
      return bytes;
    },
    async write(chunk) {
      if (!stream.write(chunk)) await once(stream, 'drain');
    },
    async end() {
      const ended = once(stream, 'end');
      stream.end();
      await ended;
      return Buffer.concat(chunks);
    },
  };
}
