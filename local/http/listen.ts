import type { Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';

export class PortTaken extends Error {
  override readonly name = 'PortTaken';
  readonly port: number;
  constructor(port: number, options?: ErrorOptions) {
    super(`Port ${port} of 127.0.0.1 is taken by another program.`, options);
    this.port = port;
  }
}

/**
 * Idle timeout of a connection, as in API Gateway. With Node's 5 s the server closes the connection while a client that
 * was busy reuses it, and an upload fails (ECONNRESET, seen after a stall of 6.5 s).
 */
const idleMs = 310_000;

/**
 * Listens on 127.0.0.1 only; 0 takes a free port. @returns the port
 * @throws PortTaken, also when this user may not use the port
 */
export function listen(server: Server, port: number): Promise<number> {
  // 0 means no limit.
  if (server.keepAliveTimeout !== 0) server.keepAliveTimeout = idleMs;
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      fail(taken ? new PortTaken(port, { cause: error }) : error);
    });
    server.listen(port, '127.0.0.1', () => done((server.address() as AddressInfo).port));
  });
}

/** A port of 127.0.0.1 that was free a moment ago, for a program that cannot choose one. */
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
