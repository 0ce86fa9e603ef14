import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Notes what goes wrong in the runner itself, one line each, in `runner.log` beside the logs of the functions. */
export function openRunnerLog(folder: string): (line: string) => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'runner.log');
  return (line) => appendFileSync(file, `${new Date().toISOString()} ${line}\n`, { mode: 0o600 });
}
