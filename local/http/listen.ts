import type { Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';

/** The port that was asked for belongs to somebody else. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';
  readonly port: number;
  constructor(port: number, options?: ErrorOptions) {
    super(`Port ${port} of 127.0.0.1 is taken by another program.`, options);
    this.port = port;
  }
}

/**
 * How long a connection may be idle: that of API Gateway. With the 5 s of Node.js the server hangs up while a client
 * whose processor was busy takes the connection for its next request, and an upload breaks (ECONNRESET after a stall of
 * 6.5 s: seen).
 */
const idleMs = 310_000;

/**
 * Listens on 127.0.0.1 only. @returns the port, which is a free one for 0
 * @throws PortTaken, also where the port may not be used by this user
 */
export function listen(server: Server, port: number): Promise<number> {
  // 0 keeps them for ever.
  if (server.keepAliveTimeout !== 0) server.keepAliveTimeout = idleMs;
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      fail(taken ? new PortTaken(port, { cause: error }) : error);
    });
    server.listen(port, '127.0.0.1', () => done((server.address() as AddressInfo).port));
  });
}

/** A port of 127.0.0.1 that was free a moment ago, for a program that must be told one. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done, fail) => {
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', done);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}
