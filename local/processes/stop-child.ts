import type { ChildProcess } from 'node:child_process';

/** Sends a child process a signal, and SIGKILL after `graceMs`; resolves when it has ended. */
export async function stopChild(
  child: ChildProcess,
  ended: Promise<void>,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  const forced = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await ended;
  clearTimeout(forced);
}
