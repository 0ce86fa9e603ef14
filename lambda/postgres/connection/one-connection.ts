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

/** What becomes of a connection between two calls. */
export interface Keeping {
  /** True where the connection, unused for so many milliseconds, may be lent again. */
  trusted(connection: OpenConnection, idleMs: number): boolean | Promise<boolean>;
  /** Unused for so many milliseconds it is closed; 0 closes it before the call returns, undefined never. */
  lingerMs?: number;
}

/**
 * A database with one connection at the most, opened by the first call and lent to one call after the other: a
 * transaction never finds another caller's statements inside it.
 *
 * A connection of which nothing good is to be expected is ended before the call returns that learned it, and waited
 * for where the server still listens, so that no session is left beside the one that takes its place.
 */
export function oneConnection(options: DatabaseOptions, { trusted, lingerMs }: Keeping): Database {
  let open: OpenConnection | undefined;
  let lastUsed = 0;
  let calls = 0;
  let linger: NodeJS.Timeout | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    // Who has no more time leaves the queue, and takes nothing from the call whose turn it is.
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

  /**
   * A call may have come between the timer and its turn. Told by the calls and not by the clock, of which a timer fires
   * now and then a millisecond too early.
   */
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
