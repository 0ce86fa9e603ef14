import { Redis, ReplyError } from 'iovalkey';
import { TransientFailure } from '../domain/failure.ts';
import type { Script } from './scripts.ts';

/** Where a server is, and how to log in. */
export interface ValkeyAddress {
  host: string;
  port: number;
  /** `verify` checks the certificate against the system's roots; `off` is for a server on this host. */
  tls: 'verify' | 'off';
  /** Absent: the server's default user. */
  user?: string | undefined;
  /** Called for each connection, because a token of IAM lives for 15 minutes. Absent: no login. */
  password?: (() => Promise<string>) | undefined;
}

export interface ValkeyOptions extends ValkeyAddress {
  /** Limits of a connect with its handshake and login, and of a call. */
  connectTimeoutMs?: number;
  callTimeoutMs?: number;
}

export interface ValkeyConnection {
  /**
   * Runs a script; opens the connection if there is none. @param keys all with the same hash tag
   * @throws TransientFailure `counters_unavailable`; the script may then have run.
   */
  run(script: Script, keys: readonly string[], input: unknown): Promise<unknown>;
  close(): void;
}

/**
 * One connection, opened late. Nothing waits in a queue while there is none, and nothing reconnects in the background: a
 * frozen environment has no timers. After a fault the next call opens another connection.
 */
export function openValkey(options: ValkeyOptions): ValkeyConnection {
  let current: Promise<Redis> | undefined;

  /** Drops a connection, unless another call has replaced it already. */
  function drop(opened: Promise<Redis> | undefined): void {
    if (opened === undefined) return;
    if (current === opened) current = undefined;
    opened.then((client) => client.disconnect()).catch(() => undefined);
  }

  function connected(): { opened: Promise<Redis>; isNew: boolean } {
    const isNew = current === undefined;
    current ??= connect(options);
    return { opened: current, isNew };
  }

  async function call(script: Script, keys: readonly string[], input: string): Promise<unknown> {
    const { opened, isNew } = connected();
    try {
      return await evaluate(await opened, script, [keys.length, ...keys, input]);
    } catch (error) {
      // Also after a reply: a server that is a replica now, or loads its data, is not the one to stay with.
      drop(opened);
      // A kept socket may be dead without a word. What did not answer in time is not sent again.
      if (isNew || error instanceof ReplyError || isTimeout(error)) throw error;
      return await call(script, keys, input);
    }
  }

  return {
    async run(script, keys, input) {
      try {
        return await call(script, keys, JSON.stringify(input));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new TransientFailure('counters_unavailable', reason, { cause: error });
      }
    },
    close: () => drop(current),
  };
}

/** By its digest; a server that does not know the script gets its text, once. */
async function evaluate(
  client: Redis,
  { sha1, text }: Script,
  terms: [count: number, ...rest: string[]],
): Promise<unknown> {
  try {
    return await client.evalsha(sha1, ...terms);
  } catch (error) {
    if (!(error instanceof ReplyError) || !String(error).includes('NOSCRIPT')) throw error;
    return await client.eval(text, ...terms);
  }
}

async function connect({
  host,
  port,
  tls,
  user,
  password,
  connectTimeoutMs = 1_000,
  callTimeoutMs = 300,
}: ValkeyOptions): Promise<Redis> {
  const client = new Redis({
    ...(host.startsWith('/') ? { path: host } : { host, port }),
    ...(tls === 'verify' ? { tls: { servername: host } } : {}),
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password: await password() }),
    connectTimeout: connectTimeoutMs,
    commandTimeout: callTimeoutMs,
    lazyConnect: true,
    enableOfflineQueue: false,
    // It would need rights on INFO. A server that loads its data refuses the first script.
    enableReadyCheck: false,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  // Each call reports its own error.
  client.on('error', () => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no connection within ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    );
  });
  try {
    await Promise.race([client.connect(), late]);
    return client;
  } catch (error) {
    client.disconnect();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Command timed out';
}
