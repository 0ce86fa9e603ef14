import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** What must not outlive its owner. */
export interface Charge {
  /** Commands to run, one after the other. */
  commands: readonly (readonly string[])[];
  /** Data folders of Postgres servers to end. */
  postgres: readonly string[];
  /** Folders to remove. */
  folders: readonly string[];
}

/**
 * Starts a process that does nothing until this one has gone, and then ends what this one would have ended: a run that
 * is killed leaves no LocalStack, no functions and no Postgres behind. It sees the end of a pipe, which the system
 * closes however the owner ends.
 * @returns what sends it away, for when everything has been ended in order
 */
export function guard(charge: Charge): () => void {
  const script = join(import.meta.dirname, 'guardian-process.ts');
  const child = spawn(process.execPath, [script, JSON.stringify(charge)], {
    // A session of its own: Ctrl-C in the terminal must not reach it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  // Gone already, with nothing to guard: no reason to fail.
  child.stdin.on('error', () => undefined);
  return () => child.stdin.end('released');
}
