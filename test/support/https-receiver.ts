import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Authority, makeAuthority, makeCertificate } from './certificate.ts';

/** A request that a receiver got. */
export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Milliseconds since the epoch. */
  at: number;
}

export interface Receiver {
  /** https://localhost:<port> */
  origin: string;
  /** The one of localhost at which it listens; at the other, its port may be somebody else's. */
  address: string;
  authority: Authority;
  received: Received[];
  /** How it answers; by default 204. */
  answer: (request: Received, response: ServerResponse) => void;
  close(): Promise<void>;
}

/** A server of HTTPS on this machine, with a certificate for these names by an authority of its own. */
export async function startReceiver(
  authority: Authority = makeAuthority(),
  names: string[] = ['localhost'],
): Promise<Receiver> {
  const server = createServer(makeCertificate(names, authority), (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url = '', headers } = request;
      const received = { path: url, headers, body: Buffer.concat(chunks).toString(), at: Date.now() };
      receiver.received.push(received);
      receiver.answer(received, response);
    });
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const { address, port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    origin: `https://localhost:${port}`,
    address,
    authority,
    received: [],
    answer: (_, response) => response.writeHead(204).end(),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

/** Verifies a request as docs/events.md tells receivers to. @returns whether the secret signed it */
export function isSigned({ headers, body }: Received, secret: string): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const expected = createHmac('sha256', key).update(content).digest();
  return String(headers['webhook-signature'])
    .split(' ')
    .some((one) => {
      const given = Buffer.from(one.replace('v1,', ''), 'base64');
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
}
