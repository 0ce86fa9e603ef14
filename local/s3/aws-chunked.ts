import { Transform, type TransformCallback } from 'node:stream';
import { S3Error } from './errors.ts';

const newline = Buffer.from('\r\n');
/** Limit of a size line or a trailer, in bytes. */
const maxLineBytes = 1024;

/**
 * Decodes the `aws-chunked` encoding in which the SDKs send streams (STREAMING-UNSIGNED-PAYLOAD-TRAILER):
 * `<hex size>\r\n<bytes>\r\n … 0\r\n<trailers>\r\n`. `trailers` (checksums) is complete when the payload has ended.
 */
export class AwsChunkedDecoder extends Transform {
  readonly trailers: Record<string, string> = {};
  #state: 'size' | 'data' | 'data-end' | 'trailers' = 'size';
  #left = 0;
  #pending: Buffer = Buffer.alloc(0);

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    try {
      while (this.#step()) {
        // Each step consumes one line or the bytes of one chunk.
      }
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback): void {
    done(this.#state === 'trailers' ? null : incomplete());
  }

  #step(): boolean {
    if (this.#state === 'data') return this.#takeData();
    const line = this.#takeLine();
    if (line === undefined) return false;
    if (this.#state === 'size') this.#startChunk(line);
    else if (this.#state === 'trailers') this.#addTrailer(line);
    else if (line !== '') throw incomplete();
    else this.#state = 'size';
    return true;
  }

  #takeLine(): string | undefined {
    const end = this.#pending.indexOf(newline);
    if (end < 0) {
      if (this.#pending.length > maxLineBytes) throw incomplete();
      return undefined;
    }
    const line = this.#pending.subarray(0, end).toString('latin1');
    this.#pending = this.#pending.subarray(end + newline.length);
    return line;
  }

  #startChunk(line: string): void {
    if (!/^[0-9a-fA-F]{1,8}(;.*)?$/.test(line)) throw incomplete();
    this.#left = Number.parseInt(line, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'data';
  }

  #takeData(): boolean {
    const taken = this.#pending.subarray(0, this.#left);
    if (taken.length === 0) return false;
    this.push(taken);
    this.#left -= taken.length;
    this.#pending = this.#pending.subarray(taken.length);
    if (this.#left === 0) this.#state = 'data-end';
    return true;
  }

  #addTrailer(line: string): void {
    const colon = line.indexOf(':');
    if (colon > 0) this.trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
}

function incomplete(): S3Error {
  return new S3Error(
    400,
    'IncompleteBody',
    'The request body terminated unexpectedly or is not in aws-chunked encoding.',
  );
}
