import { spawn } from 'node:child_process';

export interface ProgramOptions {
  cwd?: string;
  /** The whole environment; undefined variables are left out. */
  environment?: Record<string, string | undefined>;
  /** Receives each line of its standard error. */
  onLine?: (line: string) => void;
}

/** Longer than any program takes: one that hangs must not block a run forever. */
const longestMs = 10 * 60_000;

/** Runs a program to its end. @returns its exit code and output. @throws if the program does not exist */
export async function runProgram(
  program: string,
  args: readonly string[],
  { cwd, environment = process.env, onLine }: ProgramOptions = {},
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: longestMs,
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (text: Buffer) => {
    out += text;
  });
  child.stderr.on('data', (text: Buffer) => {
    err += text;
    for (const line of String(text).split('\n')) if (line.trim() !== '') onLine?.(line);
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  return { code: await promise, out, err };
}
