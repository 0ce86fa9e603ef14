/** A function as the host runs it. */
export interface FunctionDefinition {
  name: string;
  /** The built folder: `index.mjs` and what lies beside it. */
  folder: string;
  timeoutSeconds: number;
  memoryMb: number;
  /** Reserved concurrency; absent: bounded by the host alone. */
  maxConcurrency?: number;
  /** Everything that the function finds in its environment beside what Lambda itself sets. */
  environment: Record<string, string>;
}

/** An error of the function as a synchronous caller sees it (`X-Amz-Function-Error: Unhandled`). */
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

/** What became of an invocation that was let in. Payloads are JSON text. */
export type InvocationResult =
  | { ok: true; requestId: string; payload: string }
  | { ok: false; requestId: string; error: FunctionError };

/** 429: the invocation was not let in, and the function never heard of it. */
export class Throttled extends Error {
  override readonly name = 'TooManyRequestsException';
  readonly statusCode = 429;
  readonly reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' | 'ConcurrentInvocationLimitExceeded';
  constructor(reason: Throttled['reason']) {
    super('Rate Exceeded.');
    this.reason = reason;
  }
}

/** 413: the payload of the request is above what Lambda takes. */
export class RequestTooLarge extends Error {
  override readonly name = 'RequestTooLargeException';
  readonly statusCode = 413;
}

/** Largest payload of a synchronous request or response, in bytes. */
export const maxPayloadBytes = 6 * 1024 * 1024;

/** What a test or a status page wants to know of a function. */
export interface FunctionStatistics {
  invocations: number;
  errors: number;
  throttles: number;
  timeouts: number;
  /** Executions in flight now, and the most there ever were. */
  running: number;
  peak: number;
  /** Execution environments that live, frozen ones included, and how many were ever started. */
  environments: number;
  started: number;
}
