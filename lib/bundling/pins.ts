import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuildFailed } from './build-failed.ts';
import { findPackage } from './packages.ts';
import { type PlatformFields, runsOn, type Target } from './target.ts';

/** The parts of npm's lock file that are read here; the rest is copied. */
export interface Lock {
  lockfileVersion: number;
  packages: Record<
    string,
    PlatformFields & {
      version?: string;
      dependencies?: Record<string, string>;
      optionalDependencies?: Record<string, string>;
    }
  >;
}

/** The tested version of a native package. */
export interface Pin {
  version: string;
  /** Its part of the lock file, with integrity; absent without a lock file. */
  lock?: Lock;
}

/** The native parts of a locked package: its optional packages for the target. */
export function nativeParts(name: string, { packages }: Lock, target: Target): string[] {
  return Object.keys(packages[`node_modules/${name}`]?.optionalDependencies ?? {}).filter((part) => {
    const fields = packages[`node_modules/${part}`];
    return fields?.os !== undefined && runsOn(target, fields);
  });
}

/** The pin in the package made by `scripts/pack.ts`, because npm packs no package-lock.json. */
export function packedPin(name: string, projectRoot: string): string {
  return join(projectRoot, 'native', `${name}.json`);
}

/** Version of a native package: packed with Sluice, or locked in a checkout. @throws BuildFailed if not installed. */
export function pinOf(name: string, projectRoot: string): Pin {
  const packed = packedPin(name, projectRoot);
  if (existsSync(packed)) return JSON.parse(readFileSync(packed, 'utf8')) as Pin;
  const installed = findPackage(name, projectRoot);
  if (installed === undefined)
    throw new BuildFailed(`The package ${name} is not installed in ${projectRoot}: run "npm ci" first.`);
  const { version } = installed.manifest;
  const lock = lockOf(name, version, projectRoot);
  return lock === undefined ? { version } : { version, lock };
}

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
