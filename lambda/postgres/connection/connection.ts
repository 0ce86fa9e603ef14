import { Socket } from 'node:net';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { DatabaseEnvironment } from '../../runtime/environment.ts';
import { refuseAborted, untilAborted } from './abort.ts';
import { databaseTls } from './certificates.ts';
import { CopyOut } from './copy-out.ts';
import { databaseFailure, endsSession, notConnected, sqlState } from './failures.ts';
import { statementTimeoutOf } from './role-limits.ts';

/** A statement that a session parses once and, from its sixth execution on, plans once. Unnamed behind a pooler. */
export interface PreparedStatement {
  /** Unique among all statements. */
  name: string;
  text: string;
}

/** One open connection. */
export interface Connection {
  /**
   * Runs one statement. int8 is returned as number, timestamptz as Date, bytea as Buffer.
   * @throws TransientFailure `statement_timeout` beyond its limit, `database_unavailable` for any fault not its own.
   */
  query<Row>(
    statement: string | PreparedStatement,
    values?: readonly unknown[],
  ): Promise<{ rows: Row[]; rowCount: number }>;
}

/** Options of one call. */
export interface CallOptions {
  /** On abort the connection is destroyed, and the call fails as TransientFailure `database_unavailable`. */
  signal?: AbortSignal;
}

/** Access to the database. Calls take turns; waiting for a turn, a slot and the handshake is part of the call. */
export interface Database {
  /** Lends a connection to `work`, outside a transaction. */
  run<Result>(work: (connection: Connection) => Promise<Result>, options?: CallOptions): Promise<Result>;
  /** The same in a transaction, rolled back if `work` throws. */
  transaction<Result>(
    work: (connection: Connection) => Promise<Result>,
    options?: CallOptions,
  ): Promise<Result>;
  /** Closes the connection after earlier calls. The next call reopens it. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  environment: DatabaseEnvironment;
  /** Called for each connection: an IAM token lives for 15 minutes only. */
  password: () => Promise<string>;
  applicationName: string;
  /** Statement timeout, sent at session start, which RDS Proxy rejects. Default: the role's own. */
  statementTimeoutMs?: number;
  /** Wait for a response. Default: 2 s more than the server's own limit on statements. */
  answerTimeoutMs?: number;
  /** How long a refusal for lack of connections (53300) is retried. Default: 2 s. */
  patienceMs?: number;
  /** Limit of a connect. Default: 5 s. */
  connectTimeoutMs?: number;
}

/** A connection that can be closed. */
export interface OpenConnection extends Connection {
  /** False after a fault; close it and do not reuse it. */
  readonly usable: boolean;
  /**
   * Starts a COPY … TO STDOUT (format csv). Nothing else may run on the connection until it has ended.
   * @param keyWidth of a first column that is the key of its row, see CopyOut
   */
  copyOut(text: string, options?: { keyWidth?: number }): CopyOut;
  /** Ends the session and waits up to a second until the server has freed its slot; no wait if destroyed. */
  close(): Promise<void>;
  /** Drops the socket at once, for a broken connection. */
  destroy(): void;
}

/** The driver, loaded (10 ms) while the environment waits for its first event; the first connect awaits it. */
const driver = setImmediate()
  .then(() => import('pg'))
  .then((module) => module.default);
// The first connect handles the error.
driver.catch(() => undefined);

const closeTimeoutMs = 1_000;
const int8 = 20;

/**
 * Connects. Retries a refusal for lack of connections with full jitter, 25 to 400 ms apart: slots free up as other
 * executions close theirs.
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
      // A getter, so that an unreachable server does not cost reading the roots.
      get secureContext() {
        return databaseTls(environment.DATABASE_HOST);
      },
    },
    types: {
      // Counts and sizes fit a number; node-postgres returns int8 as text.
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
    async query<Row>(statement: string | PreparedStatement, values: readonly unknown[] = []) {
      const { text, name } = typeof statement === 'string' ? { text: statement } : statement;
      const named = name !== undefined && environment.DATABASE_PREPARED_STATEMENTS === 'named' && { name };
      try {
        const { rows, rowCount } = await client.query({ ...named, text, values: [...values] });
        return { rows: rows as Row[], rowCount: rowCount ?? 0 };
      } catch (error) {
        if (endsSession(error)) usable = false;
        // Without a response there is no orderly close.
        if (sqlState(error) === undefined) socket.destroy();
        throw databaseFailure(error);
      }
    },
    copyOut(text, { keyWidth } = {}) {
      const lost = () => {
        usable = false;
      };
      const copy = new CopyOut(text, { lost, keyWidth });
      client.query(copy);
      return copy;
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
