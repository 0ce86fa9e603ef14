import { Logger } from '@aws-lambda-powertools/logger';
import { redact } from './redaction.ts';

/** Extra fields of a log line; an Error under `error` is written as name, message, code, location and cause. */
export type LogFields = Record<string, unknown>;

/** Structured log: one JSON line per call, at LOG_LEVEL (default INFO). */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Adds fields to every line until `forget`. */
  remember(fields: LogFields): void;
  /** Drops the fields of `remember` between invocations. */
  forget(): void;
}

/** Opens the log, once per environment. `redact` removes secrets from all strings. Stacks need LOG_LEVEL=DEBUG. */
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
