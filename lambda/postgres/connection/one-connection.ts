import { untilAborted } from './abort.ts';
import {
  type CallOptions,
  type Connection,
  connect,
  type Database,
  type DatabaseOptions,
  type OpenConnection,
} from './connection.ts';
import { inTransaction } from './transaction.ts';

/** Reuse of a connection between calls. */
export interface ReusePolicy {
  /** True if a connection idle for so many milliseconds may be reused. */
  trusted(connection: OpenConnection, idleMs: number): boolean | Promise<boolean>;
  /** Idle milliseconds until it is closed; 0 closes it before the call returns, undefined never. */
  lingerMs?: number;
}

/**
 * A database with at most one connection, opened by the first call. Calls take turns, so that transactions do not mix.
 * A broken connection is closed before its call returns, waiting for a server that still responds, so that no session
 * remains beside its replacement.
 */
export function oneConnection(options: DatabaseOptions, { trusted, lingerMs }: ReusePolicy): Database {
  let open: OpenConnection | undefined;
  let lastUsed = 0;
  let calls = 0;
  let linger: NodeJS.Timeout | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    // A call without time left leaves the queue without disturbing the current one.
    return untilAborted(signal, () => mine);
  }

  async function lend(signal: AbortSignal | undefined): Promise<OpenConnection> {
    clearTimeout(linger);
    calls += 1;
    if (open !== undefined && !(open.usable && (await trusted(open, Date.now() - lastUsed)))) open.destroy();
    if (!open?.usable) {
      open = undefined;
      open = await connect(options, signal);
    }
    return open;
  }

  async function takeBack(connection: OpenConnection): Promise<void> {
    lastUsed = Date.now();
    if (!connection.usable || lingerMs === 0) await connection.close();
    else if (lingerMs !== undefined) {
      const last = calls;
      linger = setTimeout(() => void inTurn(() => closeUnused(last)), lingerMs);
    }
  }

  /** A call may have come since the timer fired. Checked by call count, because timers may fire a millisecond early. */
  async function closeUnused(last: number): Promise<void> {
    if (calls === last) await close();
  }

  async function close(): Promise<void> {
    clearTimeout(linger);
    await open?.close();
    open = undefined;
  }

  const run = <Result>(
    work: (connection: Connection) => Promise<Result>,
    { signal }: CallOptions = {},
  ): Promise<Result> =>
    inTurn(async () => {
      const connection = await lend(signal);
      try {
        return await untilAborted(
          signal,
          () => work(connection),
          () => connection.destroy(),
        );
      } finally {
        await takeBack(connection);
      }
    }, signal);

  return {
    run,
    transaction: (work, call) => run((connection) => inTransaction(connection, work), call),
    close: () => inTurn(close),
  };
}
