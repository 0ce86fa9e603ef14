import type { DatabaseError } from 'pg';
import { TransientFailure } from '../domain/failure.ts';

/**
 * SQLSTATE classes that say something about the statement or its rows: 22 data, 23 constraint, 42 syntax or
 * access rule. Trying again gives the same answer. Everything else is about the server and its surroundings.
 */
const lasting = new Set(['22', '23', '42']);

/** True for what the server said: nothing else has a severity. By its shape, because the driver is loaded late. */
function fromServer(error: unknown): error is DatabaseError {
  return error instanceof Error && 'severity' in error && typeof error.severity === 'string';
}

/** The SQLSTATE of an error, where it came from the server at all. */
export function sqlState(error: unknown): string | undefined {
  return fromServer(error) ? error.code : undefined;
}

/**
 * True where nothing can be run on the connection any more: the server said that it ends the session, or the
 * answer is lost and with it the knowledge of what the session is doing.
 */
export function endsSession(error: unknown): boolean {
  return !fromServer(error) || error.severity === 'FATAL' || error.severity === 'PANIC';
}

/**
 * Says what an error of node-postgres means for us. Anything without a lasting SQLSTATE becomes
 * `TransientFailure('database_away')`: a killed backend, an immediate stop, a dead socket and a timeout carry
 * no code at all, so the unknown counts as transient.
 */
export function databaseFailure(error: unknown): unknown {
  if (error instanceof TransientFailure) return error;
  const code = sqlState(error);
  if (code !== undefined && lasting.has(code.slice(0, 2))) return error;
  return new TransientFailure('database_away', code ?? 'the connection was lost', { cause: error });
}
