import type { DatabaseError } from 'pg';
import { TransientFailure } from '../../domain/failure.ts';

/**
 * SQLSTATE classes that say something about the statement or its rows: 22 data, 23 constraint, 42 syntax or
 * access rule. Trying again gives the same answer. Everything else is about the server and its surroundings.
 */
const lasting = new Set(['22', '23', '42']);

/**
 * Classes after which a session is not to be used any more, although the server has not ended it: 08 connection,
 * 25 transaction state (25006 is a server that has become a reader, as after a failover: it stays one for as long as
 * the session lasts), 57P shutdown, 58 system, XX internal. A new session costs a handshake, a spoilt one every call.
 */
const spoiling = /^(08|25|57P|58|XX)/;

/** A statement that ran longer than its role may (or was cancelled by a person). Its session is as good as before. */
const cancelled = '57014';

/** True for what the server said: nothing else has a severity. By its shape, because the driver is loaded late. */
function fromServer(error: unknown): error is DatabaseError {
  return error instanceof Error && 'severity' in error && typeof error.severity === 'string';
}

/** The SQLSTATE of an error, where it came from the server at all. */
export function sqlState(error: unknown): string | undefined {
  return fromServer(error) ? error.code : undefined;
}

/** The same of an error that has been said in our words since. */
export function causeState(error: unknown): string | undefined {
  return sqlState(error) ?? (error instanceof Error ? sqlState(error.cause) : undefined);
}

/**
 * True where nothing good is to be expected of the session any more: the server ends it, its state is at fault, or the
 * answer is lost and with it the knowledge of what the session is doing.
 */
export function endsSession(error: unknown): boolean {
  if (!fromServer(error) || error.severity === 'FATAL' || error.severity === 'PANIC') return true;
  return spoiling.test(error.code ?? '');
}

/**
 * Says what an error of node-postgres means for us. Anything without a lasting SQLSTATE becomes
 * `TransientFailure('database_unavailable')`: a killed backend, an immediate stop, a dead socket and a timeout carry
 * no code at all, so the unknown counts as transient. A statement that ran into its timeout found a server that
 * works, and is no outage: `statement_timeout`.
 */
export function databaseFailure(error: unknown): unknown {
  if (error instanceof TransientFailure) return error;
  const code = sqlState(error);
  if (code !== undefined && lasting.has(code.slice(0, 2))) return error;
  if (code === cancelled)
    return new TransientFailure('statement_timeout', 'the statement took too long', { cause: error });
  return new TransientFailure('database_unavailable', code ?? 'the connection was lost', { cause: error });
}

/**
 * Says where nobody let us in, for whoever reads the log of a deploy. What drops packets without a word is most often
 * the server's security group.
 */
export function notConnected(error: unknown, host: string, port: number): unknown {
  const failure = databaseFailure(error);
  if (!(error instanceof Error) || fromServer(error) || failure === error) return failure;
  // node-postgres's own limit. Any other timeout is of whoever was asked for the password.
  const rule =
    error.message === 'timeout expired'
      ? `. Does its security group let that of this function in on tcp ${port}?`
      : '';
  return new TransientFailure(
    'database_unavailable',
    `no connection to ${host}:${port} (${error.message})${rule}`,
    {
      cause: error,
    },
  );
}
