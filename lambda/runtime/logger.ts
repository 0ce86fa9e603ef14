import { Logger } from '@aws-lambda-powertools/logger';
import { redact } from './redaction.ts';

/** Extra fields of a log line; an Error under `error` is written as name, message, code, location and cause. */
export type LogFields = Record<string, unknown>;

/** The log of the functions: one JSON line a call, at the level of LOG_LEVEL (INFO when it is not set). */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Fields that every line carries from now on, until `forget`. */
  remember(fields: LogFields): void;
  /** Drops the fields that `remember` added, so that the next invocation starts without them. */
  forget(): void;
}

/**
 * Opens the log of a function, once per environment. API keys, passwords, tokens and the queries of signed
 * URLs never reach it: every string passes `redact`. Stack traces are written at LOG_LEVEL=DEBUG only.
 */
export function openLogger(functionName: string): Log {
  const logger: Logger = new Logger({
    serviceName: functionName,
    jsonReplacerFn: (key, value) =>
      key === 'stack' && logger.getLevelName() !== 'DEBUG' ? undefined : redact(key, value),
  });
  const write = (level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: LogFields = {}) =>
    logger[level](message, fields);
  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
    remember: (fields) => logger.appendKeys(fields),
    forget: () => logger.resetKeys(),
  };
}
