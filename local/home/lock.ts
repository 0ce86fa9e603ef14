import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { identify, isAlive, type ProcessIdentity } from '../processes/identity.ts';
import { HomeProblem } from './home.ts';

/**
 * Locks the home folder for this process. Replaces the lock of a killed runner, whose process has ended or is another one.
 * @returns a function that unlocks it
 * @throws HomeProblem if another runner uses it
 */
export function lockHome(file: string, root: string): () => void {
  const mine = identify(process.pid) ?? { pid: process.pid, started: '' };
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(file, JSON.stringify(mine), { flag: 'wx', mode: 0o600 });
      return () => release(file, mine);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = readOwner(file);
    if (owner !== undefined && isAlive(owner))
      throw new HomeProblem(
        `Another Sluice is using the state in ${root} (process ${owner.pid}). Stop it, or choose another ` +
          'folder with SLUICE_HOME and another port with SLUICE_PORT.',
      );
    rmSync(file, { force: true });
  }
  throw new HomeProblem(`The lock ${file} cannot be acquired: another Sluice is starting.`);
}

function readOwner(file: string): ProcessIdentity | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(file, 'utf8')) as Partial<ProcessIdentity>;
    return pid === undefined || started === undefined ? undefined : { pid, started };
  } catch {
    return undefined;
  }
}

function release(file: string, mine: ProcessIdentity): void {
  if (readOwner(file)?.pid === mine.pid) rmSync(file, { force: true });
}
