/* The runtime's side of a streamed response: what `awslambda.streamifyResponse` gives to a handler. Imports nothing of the runner. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Writable } from 'node:stream';

/** Marks a handler that streams. */
const streaming = Symbol.for('sluice.lambda.streaming');

type Streamed = (event: unknown, response: Writable, context: object) => unknown;

interface Metadata {
  statusCode: number;
  headers?: Record<string, string>;
}

/** Bytes between the metadata of an HTTP response, which are JSON, and its body. */
const separator = Buffer.alloc(8);
const httpType = 'application/vnd.awslambda.http-integration-response';
/** Bytes that a handler may write before it has to wait. One more chunk is in the request, whose own limit is 64 KiB. */
const highWaterMark = 65_536;

export function isStreaming(handler: object): boolean {
  return (handler as Record<symbol, unknown>)[streaming] === true;
}

/** The global object of Lambda's Node.js runtime. */
export const awslambda = {
  streamifyResponse(handler: Streamed): Streamed {
    return Object.assign(handler, { [streaming]: true });
  },
  HttpResponseStream: {
    /** Begins an HTTP response: the metadata goes before the first byte of the body. */
    from(stream: ResponseStream, metadata: Metadata): Writable {
      stream.begin(httpType, Buffer.concat([Buffer.from(JSON.stringify(metadata)), separator]));
      return stream;
    },
  },
};

/** A response that is sent in chunks. The request to the Runtime API opens with the first one. */
export class ResponseStream extends Writable {
  readonly #open: (contentType: string) => ClientRequest;
  #request: ClientRequest | undefined;
  #contentType = 'application/octet-stream';
  #before: Buffer | undefined;

  constructor(open: (contentType: string) => ClientRequest) {
    super({ highWaterMark });
    this.#open = open;
    // The handler sees it if it listens; its promise decides.
    this.on('error', () => undefined);
  }

  /** Whether anything was sent. */
  get begun(): boolean {
    return this.#request !== undefined;
  }

  begin(contentType: string, before: Buffer): void {
    this.#contentType = contentType;
    this.#before = before;
  }

  /** Ends a response whose handler failed after its first byte: the error follows in trailers. */
  fail(type: string, description: string): void {
    if (this.destroyed) return;
    this.#request?.addTrailers({
      'Lambda-Runtime-Function-Error-Type': type,
      'Lambda-Runtime-Function-Error-Body': Buffer.from(description).toString('base64'),
    });
    this.end();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#started().write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    const request = this.#started();
    request.once('response', (response: IncomingMessage) => {
      response.resume();
      response.once('close', () => done());
    });
    request.end();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.#request !== undefined && !this.writableFinished) this.#request.destroy();
    done(error);
  }

  #started(): ClientRequest {
    if (this.#request !== undefined) return this.#request;
    const request = this.#open(this.#contentType);
    this.#request = request;
    // The other side has closed it: the reader has gone.
    request.once('error', (error) => this.destroy(error));
    request.once('close', () => {
      if (!this.writableFinished) this.destroy(new Error('The response was closed by the other side.'));
    });
    if (this.#before !== undefined) request.write(this.#before);
    return request;
  }
}
