import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { BuildFailed } from '../../lib/bundling/build-failed.ts';

/**
 * Runs a command with the tools of the project at `root` on its PATH.
 * @returns its output. @throws BuildFailed with the output if it fails
 */
export function command(root: string, name: string, args: readonly string[], cwd = root): string {
  const { status, stdout, stderr, error } = spawnSync(name, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` },
  });
  if (status === 0) return stdout;
  throw new BuildFailed(`${name} failed: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
}
