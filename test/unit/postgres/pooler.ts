import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import pg from 'pg';
import type { TestDatabase } from '../../support/database.ts';

/*
 * What RDS Proxy does for PostgreSQL as far as AWS documents it, in front of the real server: it takes only some
 * parameters at the start of a session, lends a connection of the pool for one transaction, and pins what leaves
 * state in the session ("Considerations for connecting to PostgreSQL", "Avoiding pinning an RDS Proxy").
 */
const taken = ['user', 'database', 'application_name', 'client_encoding'].concat(
  ...['DateStyle', 'TimeZone', 'extra_float_digits', 'search_path'],
);
const pinning =
  /^\s*(set|reset|prepare|execute|deallocate|discard|listen|declare|create temp)|set_config|pg_(try_)?advisory_lock\b|nextval|setval|lastval/i;
const sslRequest = 80_877_103;

/** A session at the server that is logged in, as bare bytes. */
type Session = Duplex;

/** A pool of `size` connections in front of a database, and what would have pinned a session. */
export async function openPooler(address: TestDatabase, user: string, size: number) {
  const pins: string[] = [];
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
  const server = createServer((socket) => {
    clients.add(socket);
    socket.on('error', () => {});
    void serve(socket, borrow, giveBack, pins);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    pins,
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
  const { host, port, name, rolesPassword } = address;
  const client = new pg.Client({ host, port, database: name, user, password: rolesPassword });
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
  pins: string[],
): Promise<void> {
  let started = false;
  let backend: Session | undefined;
  for await (const message of messages(socket, () => started)) {
    if (!started) {
      if (message.readInt32BE(4) === sslRequest) {
        socket.write('N');
        continue;
      }
      const refused = startParameters(message).find((name) => !taken.includes(name));
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
    const [name, text] = kind === 'Q' ? ['', string(message, 5)] : kind === 'P' ? parse(message) : ['', ''];
    if (name !== '' || pinning.test(text) || Buffer.byteLength(text) > 16_384) pins.push(text);
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

/** The messages of a stream, which stays open if no more are read. */
async function* messages(stream: Duplex, typed: () => boolean): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const bytes of stream.iterator({ destroyOnReturn: false })) {
    rest = Buffer.concat([rest, bytes as Buffer]);
    for (;;) {
      const head = typed() ? 1 : 0;
      if (rest.length < head + 4) break;
      const length = head + rest.readInt32BE(head);
      if (rest.length < length) break;
      const message = rest.subarray(0, length);
      rest = rest.subarray(length);
      yield message;
    }
  }
}

const authenticated = [0x52, 0, 0, 0, 8, 0, 0, 0, 0];
const ready = [0x5a, 0, 0, 0, 5, 0x49];
const string = (message: Buffer, from: number) => message.toString('utf8', from, message.indexOf(0, from));

function parse(message: Buffer): [name: string, text: string] {
  const name = string(message, 5);
  return [name, string(message, 5 + Buffer.byteLength(name) + 1)];
}

function startParameters(message: Buffer): string[] {
  const parts = message.toString('utf8', 8).split('\0');
  return parts.filter((part, index) => index % 2 === 0 && part !== '');
}

function fatal(message: string): Buffer {
  const body = Buffer.from(`SFATAL\0VFATAL\0C0A000\0MFeature not supported: ${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
