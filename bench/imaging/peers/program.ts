import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const start = promisify(execFile);
/** Allows for a package manager on a slow network. */
const patienceMs = 120_000;

/** The output of a program. @throws with the end of its error output, or that it is not installed */
export async function ask(command: string, args: string[], cwd?: string): Promise<string> {
  try {
    const { stdout } = await start(command, args, {
      timeout: patienceMs,
      ...(cwd === undefined ? {} : { cwd }),
    });
    return stdout;
  } catch (error) {
    const { code, stderr = '', killed } = error as { code?: string; stderr?: string; killed?: boolean };
    if (code === 'ENOENT') throw new Error(`${command} is not installed`);
    const last = stderr.trim().split('\n').at(-1) ?? '';
    throw new Error(killed ? `${command} took too long` : `${command}: ${last || code}`);
  }
}
