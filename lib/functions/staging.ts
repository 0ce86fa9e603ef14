import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { BuildFailed } from './mistakes.ts';
import { findPackage } from './packages.ts';
import type { Target } from './target.ts';

interface Lock {
  lockfileVersion: number;
  packages: Record<
    string,
    {
      version?: string;
      dependencies?: Record<string, string>;
      optionalDependencies?: Record<string, string>;
    }
  >;
}

/**
 * A folder whose `node_modules` has the package for another machine than this one, at the version and with the
 * integrity of the project's lock file. npm fetches it once; afterwards it is taken from node_modules/.cache.
 * @throws BuildFailed where npm cannot fetch it.
 */
export function stagePackage(
  name: string,
  projectRoot: string,
  target: Target,
  onProgress: (line: string) => void,
): string {
  const installed = findPackage(name, projectRoot);
  if (installed === undefined)
    throw new BuildFailed(`The package ${name} is not installed in ${projectRoot}: run "npm ci" first.`);
  const { version } = installed.manifest;
  const platform = `${target.os}-${target.cpu}`;
  mkdirSync(join(projectRoot, 'node_modules', '.cache', 'sluice'), { recursive: true });
  // npm ci takes a root behind a symbolic link for a package that its lock file does not know.
  const cache = realpathSync(join(projectRoot, 'node_modules', '.cache', 'sluice'));
  const folder = join(cache, `${name}-${version}-${platform}`);
  if (existsSync(folder)) return folder;

  onProgress(`Fetching ${name} ${version} for ${platform} from the package registry (once)`);
  const fresh = `${folder}.${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const dependencies = { [name]: version };
  writeFileSync(join(fresh, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const lock = lockOf(name, version, projectRoot);
  if (lock !== undefined) writeFileSync(join(fresh, 'package-lock.json'), JSON.stringify(lock));
  // A registry of the house and its credentials are often set per project.
  if (existsSync(join(projectRoot, '.npmrc')))
    symlinkSync(join(projectRoot, '.npmrc'), join(fresh, '.npmrc'));
  npm([lock === undefined ? 'install' : 'ci'], fresh, target);
  try {
    renameSync(fresh, folder);
  } catch (error) {
    // Another build was quicker; its copy is as good.
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
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

/** The part of the project's lock file that the package needs; undefined where the project has no such file. */
function lockOf(name: string, version: string, projectRoot: string): Lock | undefined {
  const path = join(projectRoot, 'package-lock.json');
  if (!existsSync(path)) return undefined;
  const { lockfileVersion, packages } = JSON.parse(readFileSync(path, 'utf8')) as Lock;
  if (packages[`node_modules/${name}`]?.version !== version) return undefined;
  const part: Lock['packages'] = { '': { dependencies: { [name]: version } } };
  const visit = (wanted: string): void => {
    const key = `node_modules/${wanted}`;
    const entry = packages[key];
    if (entry === undefined || key in part) return;
    part[key] = entry;
    for (const next of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) visit(next);
  };
  visit(name);
  return { lockfileVersion, packages: part };
}
