import { spawn } from 'node:child_process';

export interface ProgramOptions {
  cwd?: string;
  /** The whole environment; variables that are undefined are left out. */
  environment?: Record<string, string | undefined>;
  /** Each line of its standard error, as it comes. */
  onLine?: (line: string) => void;
}

/** Longer than anything here takes: a program that hangs must not hold a run for ever. */
const longestMs = 10 * 60_000;

/** Runs a program to its end and hands over all that it said. @throws where there is no such program */
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
