import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BuildFailed } from './build-failed.ts';
import { isPacked } from './function-files.ts';
import { nativeParts, pinOf } from './pins.ts';
import type { Target } from './target.ts';

export interface StagingOptions {
  projectRoot: string;
  /** Folder that may have a .npmrc with a private registry and its credentials. */
  configRoot: string;
  target: Target;
  onProgress: (line: string) => void;
}

/**
 * A folder whose `node_modules` has the package for a target, at the version and integrity that Sluice locks. npm
 * fetches it once; afterwards it comes from a cache.
 * @throws BuildFailed if npm cannot fetch it.
 */
export function stagePackage(name: string, options: StagingOptions): string {
  const { projectRoot, configRoot, target, onProgress } = options;
  const { version, lock } = pinOf(name, projectRoot);
  const platform = `${target.os}-${target.cpu}`;
  const cache = cacheFolder(projectRoot);
  const cached = `${name}-${version}-${platform}`;
  if (existsSync(join(cache, cached))) return join(cache, cached);
  const folder = join(made(cache), cached);

  onProgress(`Fetching ${name} ${version} for ${platform} from the package registry (once)`);
  const fresh = `${folder}.${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const dependencies = { [name]: version };
  writeFileSync(join(fresh, 'package.json'), JSON.stringify({ private: true, dependencies }));
  if (lock !== undefined) writeFileSync(join(fresh, 'package-lock.json'), JSON.stringify(lock));
  const settings = join(configRoot, '.npmrc');
  if (existsSync(settings)) symlinkSync(settings, join(fresh, '.npmrc'));
  npm([lock === undefined ? 'install' : 'ci'], fresh, target);
  // npm treats them as optional and succeeds without them.
  const parts = lock === undefined ? [] : nativeParts(name, lock, target);
  const missing = parts.filter((part) => !existsSync(join(fresh, 'node_modules', part)));
  if (missing.length > 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw new BuildFailed(
      `npm could not fetch ${missing.join(', ')}: check that the package registry has it and can be reached.`,
    );
  }
  try {
    renameSync(fresh, folder);
  } catch (error) {
    // A concurrent build was faster; its copy is equal.
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** A checkout caches in its node_modules; the package, which may be read-only or replaced, in the user's cache. */
function cacheFolder(projectRoot: string): string {
  const caches = isPacked(projectRoot)
    ? process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
    : join(projectRoot, 'node_modules', '.cache');
  return join(caches, 'sluice');
}

/** @returns the folder's real path. @throws BuildFailed if it cannot be created. */
function made(cache: string): string {
  try {
    mkdirSync(cache, { recursive: true });
  } catch (error) {
    throw new BuildFailed(
      `Packages cannot be cached in ${cache} (${error instanceof Error ? error.message : error}): set XDG_CACHE_HOME ` +
        'to a writable folder.',
    );
  }
  // npm ci mistakes a root behind a symbolic link for a package that is not in its lock file.
  return realpathSync(cache);
}

function npm(command: string[], cwd: string, { os, cpu }: Target): void {
  const platform = [`--os=${os}`, `--cpu=${cpu}`, ...(os === 'linux' ? ['--libc=glibc'] : [])];
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = spawnSync('npm', [...command, ...platform, ...quiet, '--prefix', cwd], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.status === 0) return;
  rmSync(cwd, { recursive: true, force: true });
  const reason = result.error?.message ?? result.stderr.trim().split('\n').slice(0, 8).join('\n');
  throw new BuildFailed(`npm could not fetch packages for ${os}-${cpu}: ${reason}`);
}
