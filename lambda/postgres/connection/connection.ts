import { Socket } from 'node:net';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { DatabaseEnvironment } from '../../runtime/environment.ts';
import { refuseAborted, untilAborted } from './abort.ts';
import { databaseTls } from './certificates.ts';
import { databaseFailure, endsSession, notConnected, sqlState } from './failures.ts';
import { statementTimeoutOf } from './role-limits.ts';

/** One open connection, as the statement files see it. */
export interface Connection {
  /**
   * Runs one statement. int8 comes back as a number, timestamptz as a Date, bytea as a Buffer.
   * @throws TransientFailure `database_unavailable` for anything that is not the statement's own fault, and
   * `statement_timeout` where it took longer than its role may.
   */
  query<Row>(text: string, values?: readonly unknown[]): Promise<{ rows: Row[]; rowCount: number }>;
}

/** What a single call may be told. */
export interface CallOptions {
  /** On abort the connection is destroyed, and the call fails as TransientFailure `database_unavailable`. */
  signal?: AbortSignal;
}

/**
 * A way to the database. How long a connection is kept between two calls is the implementation's business. Calls take
 * turns; waiting for one, for a slot and for the handshake is part of the call.
 */
export interface Database {
  /** Lends a connection for the time of `work`, outside a transaction. */
  run<Result>(work: (connection: Connection) => Promise<Result>, options?: CallOptions): Promise<Result>;
  /** The same inside a transaction, which is rolled back when `work` throws. */
  transaction<Result>(
    work: (connection: Connection) => Promise<Result>,
    options?: CallOptions,
  ): Promise<Result>;
  /** Closes what is open, once the calls before it are through. The next call opens again. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  environment: DatabaseEnvironment;
  /** Asked at each connect: an IAM token lives for 15 minutes only. */
  password: () => Promise<string>;
  applicationName: string;
  /**
   * How long a statement may take. For a user without a limit of its own: it is said to the server at the start of
   * the session, which RDS Proxy does not take. Unless told, the role's own limit holds.
   */
  statementTimeoutMs?: number;
  /** How long an answer is waited for. The server ends a slow statement itself, so 2 s more than that unless told. */
  answerTimeoutMs?: number;
  /** How long a refusal for lack of connections (53300) is met by asking again. 2 s unless told. */
  patienceMs?: number;
  /** How long the server may take to let us in. 5 s unless told. */
  connectTimeoutMs?: number;
}

/** A connection with the means to end it. */
export interface OpenConnection extends Connection {
  /** False once the server, the network or an error has spoilt it; it is to be closed and not lent again. */
  readonly usable: boolean;
  /** Ends the session and waits until the server has freed its slot, for a second at the most; not where it was destroyed. */
  close(): Promise<void>;
  /** Drops the socket at once: for a connection of which nothing good is to be expected. */
  destroy(): void;
}

/**
 * The driver is loaded when the function is ready, and awaited by the first connect: 10 ms that an environment has
 * while it waits for its first event. Where the event was there first, it waits for them here instead.
 */
const driver = setImmediate()
  .then(() => import('pg'))
  .then((module) => module.default);
// Who connects is told; until then nobody listens.
driver.catch(() => undefined);

const closeTimeoutMs = 1_000;
const int8 = 20;

/**
 * Connects. A refusal for lack of connections is met with patience, because a slot comes free whenever
 * another execution closes its own: a few tries with full jitter, 25 to 400 ms apart.
 * @throws TransientFailure `database_unavailable`.
 */
export async function connect(options: DatabaseOptions, signal?: AbortSignal): Promise<OpenConnection> {
  const deadline = Date.now() + (options.patienceMs ?? 2_000);
  const { DATABASE_HOST: host, DATABASE_PORT: port } = options.environment;
  for (let attempt = 0; ; attempt += 1) {
    refuseAborted(signal);
    try {
      return await connectOnce(options, signal);
    } catch (error) {
      if (sqlState(error) !== '53300' || Date.now() >= deadline) throw notConnected(error, host, port);
      await untilAborted(signal, () => sleep(25 + Math.random() * Math.min(400, 50 * 2 ** attempt)));
    }
  }
}

async function connectOnce(options: DatabaseOptions, signal?: AbortSignal): Promise<OpenConnection> {
  const { environment, statementTimeoutMs, connectTimeoutMs = 5_000 } = options;
  const { Client, types } = await driver;
  const socket = new Socket();
  let usable = true;
  const client = new Client({
    host: environment.DATABASE_HOST,
    port: environment.DATABASE_PORT,
    database: environment.DATABASE_NAME,
    user: environment.DATABASE_USER,
    password: options.password,
    application_name: options.applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    ...(statementTimeoutMs === undefined ? {} : { statement_timeout: statementTimeoutMs }),
    query_timeout:
      options.answerTimeoutMs ??
      (statementTimeoutMs ?? statementTimeoutOf(environment.DATABASE_USER)) + 2_000,
    keepAlive: true,
    stream: () => socket,
    ssl: environment.DATABASE_TLS === 'verify' && {
      rejectUnauthorized: true,
      // Asked for once the server speaks TLS: whoever finds it away does not pay for reading the roots.
      get secureContext() {
        return databaseTls(environment.DATABASE_HOST);
      },
    },
    types: {
      // Counts and sizes in bytes fit a number; node-postgres gives int8 as text by default.
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        oid === int8 && format !== 'binary'
          ? Number
          : types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
    },
  });
  const ended = new Promise<void>((resolve) => client.once('end', resolve));
  client.on('error', () => {
    usable = false;
  });
  client.on('end', () => {
    usable = false;
  });
  try {
    await untilAborted(signal, () => client.connect());
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return {
    get usable() {
      return usable;
    },
    async query<Row>(text: string, values: readonly unknown[] = []) {
      try {
        const { rows, rowCount } = await client.query(text, [...values]);
        return { rows: rows as Row[], rowCount: rowCount ?? 0 };
      } catch (error) {
        if (endsSession(error)) usable = false;
        // Who got no answer hears no good-bye either.
        if (sqlState(error) === undefined) socket.destroy();
        throw databaseFailure(error);
      }
    },
    async close() {
      usable = false;
      if (socket.destroyed) return;
      const quiet = new AbortController();
      client.end().catch(() => undefined);
      await Promise.race([ended, sleep(closeTimeoutMs, undefined, { signal: quiet.signal }).catch(() => {})]);
      quiet.abort();
      socket.destroy();
    },
    destroy() {
      usable = false;
      socket.destroy();
    },
  };
}
