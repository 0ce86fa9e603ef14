import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const projectRoot = resolve(import.meta.dirname, '../..');
const modules = realpathSync(join(projectRoot, 'node_modules'));

/** Exit code and output of a command. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command with the tools of the checkout on its PATH. Never throws: tests examine the exit code. */
export async function run(
  cwd: string,
  command: string,
  args: string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const PATH = `${join(modules, '.bin')}:${process.env.PATH}`;
  const env = { ...process.env, PATH, ...environment };
  try {
    return { code: 0, ...(await promisify(execFile)(command, args, { cwd, env })) };
  } catch (error) {
    const { code, stdout, stderr } = error as Ended;
    return { code, stdout, stderr };
  }
}

/**
 * The app in `app/` in a folder away from the checkout, with the tarball installed by npm. Its dependencies come from the
 * checkout, without a registry: zod as a copy, the CDK, which is 100 times as large, as links.
 */
export async function openShop(folder: string, tarball: string): Promise<Ended> {
  cpSync(join(import.meta.dirname, 'app'), folder, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as object;
  const dependencies = { sluice: `file:${tarball}`, zod: `file:${join(modules, 'zod')}` };
  write(join(folder, 'package.json'), JSON.stringify({ ...manifest, dependencies }));
  // Enough of a PNG to be recognised; it is never drawn.
  write(join(folder, 'brand/logo.png'), Buffer.from('\x89PNG\r\n\x1a\nand what follows', 'latin1'));
  const installed = await run(folder, 'npm', [
    ...['install', '--offline', '--install-links', '--legacy-peer-deps', '--ignore-scripts'],
    ...['--no-audit', '--no-fund', '--loglevel=error'],
  ]);
  linkCdk(folder);
  return installed;
}

/** The tarball in the node_modules of an app, as npm would unpack it, with its own zod. */
export async function layTarball(folder: string, tarball: string): Promise<void> {
  const installed = join(folder, 'node_modules/sluice');
  mkdirSync(installed, { recursive: true });
  const unpacked = await run(folder, 'tar', ['xzf', tarball, '-C', installed, '--strip-components=1']);
  if (unpacked.code !== 0) throw new Error(unpacked.stderr);
  cpSync(join(modules, 'zod'), join(folder, 'node_modules/zod'), { recursive: true });
}

/** The CDK, the compiler and the types of Node, of the checkout, in the node_modules of an app. */
export function linkCdk(folder: string): void {
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  const linked = ['aws-cdk-lib', 'constructs', 'typescript', '.bin/tsc', '@types/node', 'undici-types'];
  for (const name of linked) {
    rmSync(join(folder, 'node_modules', name), { recursive: true, force: true });
    symlinkSync(join(modules, name), join(folder, 'node_modules', name));
  }
}

/**
 * Flags with which Node reads only temporary files and the CDK, writes only `writable`, which must exist, and starts no
 * process. (The CDK looks at every folder above those that it writes to.)
 */
export function lockedDown(writable: string): string[] {
  const cdk = ['aws-cdk-lib', '@aws-cdk', 'constructs'].map((name) => join(modules, name));
  const reading = [tmpdir(), ...cdk].map((folder) => `--allow-fs-read=${folder}`);
  return ['--permission', ...reading, `--allow-fs-write=${writable}`];
}

export function write(path: string, contents: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}

/** Files below a folder, by their paths. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
