import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import pg from 'pg';
import type { TestDatabase } from '../../support/database.ts';
import { causesIn, takenByProxy } from './pinning.ts';
import { messages, type Sent, sentIn, startParameters } from './protocol.ts';

/*
 * What RDS Proxy does for PostgreSQL as far as AWS documents it, in front of the real server: it takes only some
 * parameters at the start of a session, lends a connection of the pool for one transaction, and pins what leaves state in
 * the session (pinning.ts).
 */
const sslRequest = 80_877_103;

/** A session at the server that is logged in, as bare bytes. */
type Session = Duplex;

/** What clients sent. */
interface Recorded {
  /** Start-up parameters of each session, also of a refused one. */
  parameters: string[][];
  sent: Sent[];
}

/** A pool of `size` connections in front of a database, what clients sent, and what would have pinned a session. */
export async function openPooler(address: TestDatabase, user: string, size: number) {
  const recorded: Recorded = { parameters: [], sent: [] };
  const lent: number[] = [];
  const waiting: ((backend: Session) => void)[] = [];
  const all = await Promise.all(Array.from({ length: size }, () => openBackend(address, user)));
  const idle = [...all];
  const borrow = async (): Promise<Session> => {
    const backend = idle.pop() ?? (await new Promise<Session>((resolve) => waiting.push(resolve)));
    lent.push(all.indexOf(backend));
    return backend;
  };
  const giveBack = (backend: Session) => {
    const next = waiting.shift();
    // The one that waited longest is used next: a client that relies on "its" connection would notice.
    if (next === undefined) idle.unshift(backend);
    else next(backend);
  };

  const clients = new Set<Socket>();
  // The kernel would hold back small messages for 40 ms.
  const server = createServer({ noDelay: true }, (socket) => {
    clients.add(socket);
    socket.on('error', () => {});
    void serve(socket, borrow, giveBack, recorded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    ...recorded,
    /** What would have pinned a session, with the causes. */
    pins: () =>
      recorded.sent.flatMap((sent) => {
        const found = causesIn(sent);
        return found.length === 0 ? [] : [{ ...sent, causes: found }];
      }),
    /** Which connection was lent, for each transaction. */
    lent,
    async close() {
      for (const socket of clients) socket.destroy();
      for (const stream of all) stream.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function openBackend(address: TestDatabase, user: string): Promise<Session> {
  const { host, port, name } = address;
  const password = user === address.user ? address.password : address.rolesPassword;
  const client = new pg.Client({ host, port, database: name, user, password });
  client.on('error', () => {});
  await client.connect();
  const { stream } = client.connection;
  stream.removeAllListeners('data');
  return stream;
}

async function serve(
  socket: Socket,
  borrow: () => Promise<Session>,
  giveBack: (backend: Session) => void,
  recorded: Recorded,
): Promise<void> {
  let started = false;
  let backend: Session | undefined;
  for await (const message of messages(socket, () => started)) {
    if (!started) {
      if (message.readInt32BE(4) === sslRequest) {
        socket.write('N');
        continue;
      }
      const parameters = startParameters(message);
      recorded.parameters.push(parameters);
      const refused = parameters.find((name) => !takenByProxy.includes(name));
      if (refused !== undefined) {
        socket.end(fatal(`RDS Proxy currently doesn't support the option ${refused}`));
        return;
      }
      started = true;
      socket.write(Buffer.from([...authenticated, ...ready]));
      continue;
    }
    const kind = String.fromCharCode(message[0] ?? 0);
    if (kind === 'X') break;
    const sent = sentIn(message);
    if (sent !== undefined) recorded.sent.push(sent);
    backend ??= await borrow();
    backend.write(message);
    if (kind !== 'Q' && kind !== 'S') continue;
    const inTransaction = await answer(backend, socket);
    if (inTransaction) continue;
    giveBack(backend);
    backend = undefined;
  }
  socket.end();
}

/** Carries over what the server answers up to ReadyForQuery; true where a transaction is open then. */
async function answer(from: Duplex, to: Socket): Promise<boolean> {
  for await (const message of messages(from, () => true)) {
    to.write(message);
    if (message[0] === 0x5a) return message[5] !== 0x49;
  }
  return false;
}

const authenticated = [0x52, 0, 0, 0, 8, 0, 0, 0, 0];
const ready = [0x5a, 0, 0, 0, 5, 0x49];

function fatal(message: string): Buffer {
  const body = Buffer.from(`SFATAL\0VFATAL\0C0A000\0MFeature not supported: ${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
