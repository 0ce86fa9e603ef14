import { Agent, type IncomingMessage, request } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { S3Error } from './errors.ts';

/** fauxqs holds each body in memory while it takes it. */
const maxConnections = 32;

/** The S3 of fauxqs behind the edge: it stores, it checks nothing. */
export class Upstream {
  readonly #endpoint: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: maxConnections });

  constructor(endpoint: string) {
    this.#endpoint = new URL(endpoint);
  }

  /**
   * Sends a request. The answer's body has to be read or destroyed.
   * @throws S3Error 503 when the server is away
   */
  send(
    method: string,
    pathAndQuery: string,
    headers: Record<string, string | number> = {},
    body?: Readable | Buffer,
  ): Promise<IncomingMessage> {
    return new Promise((done, fail) => {
      const outgoing = request({
        agent: this.#agent,
        hostname: this.#endpoint.hostname,
        port: this.#endpoint.port,
        method,
        path: pathAndQuery,
        headers,
      });
      const away = (cause: Error) =>
        fail(new S3Error(503, 'ServiceUnavailable', `Please reduce your request rate. (${cause.message})`));
      // More than once where a connection breaks while the body is still being sent.
      outgoing.on('error', away);
      outgoing.once('response', done);
      if (body === undefined || Buffer.isBuffer(body)) outgoing.end(body);
      else pipeline(body, outgoing).catch(away);
    });
  }

  /** Headers of an object, or undefined where there is none. */
  async head(rawPath: string): Promise<IncomingMessage['headers'] | undefined> {
    const answer = await this.send('HEAD', rawPath);
    answer.resume();
    return answer.statusCode === 200 ? answer.headers : undefined;
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Reads an answer to its end. */
export async function readText(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
