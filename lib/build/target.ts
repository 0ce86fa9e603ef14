import type { ResolvedConfig } from '../config/schema.ts';

/** What the built functions run on. Lambda is `linux` with `arm64`; the local runner builds for its own machine. */
export interface Target {
  os: 'linux' | 'darwin';
  cpu: 'x64' | 'arm64';
}

/** The machine that builds. */
export function hostTarget(): Target {
  return {
    os: process.platform === 'darwin' ? 'darwin' : 'linux',
    cpu: process.arch === 'arm64' ? 'arm64' : 'x64',
  };
}

/** What a deployment's functions run on: Lambda, or for LocalStack the machine that builds. */
export function deployTarget({ deploy }: Pick<ResolvedConfig, 'deploy'>): Target {
  return deploy.architecture === 'host' ? hostTarget() : { os: 'linux', cpu: deploy.architecture };
}

/** Fields of a package.json by which npm decides whether a package is for a machine. */
export interface PlatformFields {
  os?: string[];
  cpu?: string[];
  libc?: string[];
}

/**
 * True where a package with these fields runs on the target. Linux means glibc here: Lambda has it, and so
 * has the Node of the lock file.
 */
export function runsOn(target: Target, { os, cpu, libc }: PlatformFields): boolean {
  return (
    (os === undefined || os.includes(target.os)) &&
    (cpu === undefined || cpu.includes(target.cpu)) &&
    (libc === undefined || target.os !== 'linux' || libc.includes('glibc'))
  );
}
