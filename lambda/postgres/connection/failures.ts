import type { DatabaseError } from 'pg';
import { TransientFailure } from '../../domain/failure.ts';

/** SQLSTATE classes where a retry cannot help: 22 data, 23 constraint, 42 syntax or access rule. */
const lasting = new Set(['22', '23', '42']);

/**
 * Classes after which a session is unusable although the server keeps it: 08 connection, 25 transaction state (25006: a
 * server that became a reader, as after a failover, for good), 57P shutdown, 58 system, XX internal. So are prepared
 * statements whose result a migration has changed (0A000), or that the session does not have (26000, an undeclared pooler).
 * A new session costs a handshake, a broken one every call.
 */
const spoiling = /^(08|0A|25|26|57P|58|XX)/;

/** Statement timeout (or cancelled by a person). Its session remains usable. */
export const statementCancelled = '57014';

/** True for errors of the server: only they have a severity. By shape, because the driver is loaded late. */
function fromServer(error: unknown): error is DatabaseError {
  return error instanceof Error && 'severity' in error && typeof error.severity === 'string';
}

/** SQLSTATE of an error of the server. */
export function sqlState(error: unknown): string | undefined {
  return fromServer(error) ? error.code : undefined;
}

/** The same for a wrapped error. */
export function causeState(error: unknown): string | undefined {
  return sqlState(error) ?? (error instanceof Error ? sqlState(error.cause) : undefined);
}

/** True if the session is unusable: ended by the server, in an invalid state, or unknown after a lost response. */
export function endsSession(error: unknown): boolean {
  if (!fromServer(error) || error.severity === 'FATAL' || error.severity === 'PANIC') return true;
  return spoiling.test(error.code ?? '');
}

/**
 * Translates an error of node-postgres. Anything without a lasting SQLSTATE becomes `database_unavailable`: killed
 * backends, dead sockets and timeouts carry no code. A statement's timeout is no outage: `statement_timeout`.
 */
export function databaseFailure(error: unknown): unknown {
  if (error instanceof TransientFailure) return error;
  const code = sqlState(error);
  if (code !== undefined && lasting.has(code.slice(0, 2))) return error;
  if (code === statementCancelled)
    return new TransientFailure('statement_timeout', 'the statement took too long', { cause: error });
  return new TransientFailure('database_unavailable', code ?? 'the connection was lost', { cause: error });
}

/** Adds the host to a connection failure, for deployment logs. Dropped packets usually mean a security group. */
export function notConnected(error: unknown, host: string, port: number): unknown {
  const failure = databaseFailure(error);
  if (!(error instanceof Error) || fromServer(error) || failure === error) return failure;
  // node-postgres's own limit; other timeouts come from the source of the password.
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

/** True if the server refuses the content of a statement (classes 22 data and 23 constraint), at every repetition. */
export function contentRefused(error: unknown): boolean {
  return /^2[23]/.test(sqlState(error) ?? '');
}
