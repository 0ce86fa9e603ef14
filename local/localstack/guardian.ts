import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The clean-up after the owner. */
export interface Cleanup {
  /** Run one after the other. */
  commands: readonly (readonly string[])[];
  /** Data folders of Postgres servers to end. */
  postgres: readonly string[];
  folders: readonly string[];
}

/**
 * Starts a process that waits for the end of this one and then cleans up, so that a killed run leaves no LocalStack, no
 * functions and no Postgres behind. It waits for a pipe to close, which happens however the owner ends.
 * @returns a function that ends the process without a clean-up
 */
export function guard(cleanup: Cleanup): () => void {
  const script = join(import.meta.dirname, 'guardian-process.ts');
  const child = spawn(process.execPath, [script, JSON.stringify(cleanup)], {
    // In its own session, which Ctrl-C in the terminal does not reach.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  // The process may have ended already.
  child.stdin.on('error', () => undefined);
  return () => child.stdin.end('released');
}
