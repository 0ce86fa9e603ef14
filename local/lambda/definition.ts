import type { Readable } from 'node:stream';

export interface FunctionDefinition {
  name: string;
  /** The built folder with `index.mjs`. */
  folder: string;
  timeoutSeconds: number;
  memoryMb: number;
  /** Reserved concurrency; by default unlimited. */
  maxConcurrency?: number;
  /** The function's environment variables, without those that Lambda sets. */
  environment: Record<string, string>;
}

/** An error of the function as a synchronous caller sees it (`X-Amz-Function-Error: Unhandled`). */
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

/** Result of an accepted invocation. Payloads are JSON text. */
export type InvocationResult =
  | { ok: true; requestId: string; payload: string }
  | { ok: false; requestId: string; error: FunctionError };

/** Takes the body of a streamed response as it arrives. Destroying it ends the function's stream. */
export type StreamTaker = (body: Readable) => void;

/** 429: the invocation was refused before it reached the function. */
export class Throttled extends Error {
  override readonly name = 'TooManyRequestsException';
  readonly statusCode = 429;
  readonly reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' | 'ConcurrentInvocationLimitExceeded';
  constructor(reason: Throttled['reason']) {
    super('Rate Exceeded.');
    this.reason = reason;
  }
}

/** 413: the payload of the request exceeds Lambda's limit. */
export class RequestTooLarge extends Error {
  override readonly name = 'RequestTooLargeException';
  readonly statusCode = 413;
}

/** Largest payload of a synchronous request or response, in bytes. */
export const maxPayloadBytes = 6 * 1024 * 1024;

/** Counters of a function, for tests. */
export interface FunctionStatistics {
  invocations: number;
  errors: number;
  throttles: number;
  timeouts: number;
  /** Executions in flight, now and at most so far. */
  running: number;
  peak: number;
  /** Execution environments, including frozen ones, now and started so far. */
  environments: number;
  started: number;
}
