import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const start = promisify(execFile);
/** A package manager on a slow network; a minute more is no benchmark any more. */
const patienceMs = 120_000;

/** What a program says. @throws with its last words, or that it is not installed */
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
