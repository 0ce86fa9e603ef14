import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuildFailed } from './build-failed.ts';
import { findPackage } from './packages.ts';
import { type PlatformFields, runsOn, type Target } from './target.ts';

/** As much of npm's lock file as is read here; the rest goes along as it is. */
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

/** A native package at the version that was tested. */
export interface Pin {
  version: string;
  /** The part of the lock file that the package needs, with integrity; absent where a project has no lock file. */
  lock?: Lock;
}

/** Those of the optional packages of a locked one that are made for the target: its native parts. */
export function nativeParts(name: string, { packages }: Lock, target: Target): string[] {
  return Object.keys(packages[`node_modules/${name}`]?.optionalDependencies ?? {}).filter((part) => {
    const fields = packages[`node_modules/${part}`];
    return fields?.os !== undefined && runsOn(target, fields);
  });
}

/** Where the package that `scripts/pack.ts` makes has a pin: npm packs no package-lock.json. */
export function packedPin(name: string, projectRoot: string): string {
  return join(projectRoot, 'native', `${name}.json`);
}

/**
 * The version of a native package: as it was packed with Sluice, or as a checkout has it installed and locked.
 * @throws BuildFailed where it is not installed.
 */
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
