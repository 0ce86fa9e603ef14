import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Opens `runner.log`, next to the functions' logs, for errors of the runner itself. @returns a function that adds a line */
export function openRunnerLog(folder: string): (line: string) => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'runner.log');
  return (line) => appendFileSync(file, `${new Date().toISOString()} ${line}\n`, { mode: 0o600 });
}
