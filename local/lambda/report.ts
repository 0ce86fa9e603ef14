import type { FunctionError } from './definition.ts';

const mebi = 1024 * 1024;

const signalWords: Record<string, string> = {
  SIGKILL: 'killed',
  SIGTERM: 'terminated',
  SIGSEGV: 'segmentation fault',
  SIGABRT: 'aborted',
};

/** Lambda's error for a runtime that exits. */
export function exitError(code: number | null, signal: NodeJS.Signals | null): FunctionError {
  const how = signal === null ? `exit status ${code}` : `signal: ${signalWords[signal] ?? signal}`;
  return {
    errorType: 'Runtime.ExitError',
    errorMessage:
      code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: ${how}`,
  };
}

export function timeoutError(timeoutSeconds: number): FunctionError {
  return {
    errorType: 'Sandbox.Timedout',
    errorMessage: `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`,
  };
}

/** Lambda's error for a runtime that exceeds the function's memory. */
export const outOfMemoryError: FunctionError = {
  errorType: 'Runtime.OutOfMemory',
  errorMessage: 'Runtime exited with error: signal: killed',
};

/** Lambda prefixes its own messages with the request id, but not the function's. */
export function withRequest(error: FunctionError, requestId: string): FunctionError {
  if (error.trace !== undefined) return error;
  return { ...error, errorMessage: `RequestId: ${requestId} Error: ${error.errorMessage}` };
}

/** The REPORT line of an invocation. Times in milliseconds, memory in bytes. */
export function reportLine(report: {
  requestId: string;
  durationMs: number;
  memoryMb: number;
  mostMemory: number;
  initMs: number | undefined;
}): string {
  const { requestId, durationMs, memoryMb, mostMemory, initMs } = report;
  const fields = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(durationMs)} ms`,
    `Memory Size: ${memoryMb} MB`,
    `Max Memory Used: ${Math.ceil(mostMemory / mebi)} MB`,
  ];
  if (initMs !== undefined) fields.push(`Init Duration: ${initMs.toFixed(2)} ms`);
  return fields.join('\t');
}
