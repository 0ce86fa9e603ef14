import type { ResolvedConfig } from '../config/schema.ts';

/** The platform of the built functions. Lambda is `linux` with `arm64`; the local runner uses its own machine. */
export interface Target {
  os: 'linux' | 'darwin';
  cpu: 'x64' | 'arm64';
}

export function hostTarget(): Target {
  return {
    os: process.platform === 'darwin' ? 'darwin' : 'linux',
    cpu: process.arch === 'arm64' ? 'arm64' : 'x64',
  };
}

/** Platform of a deployment's functions: Lambda, or for LocalStack the building machine. */
export function deployTarget({ deploy }: Pick<ResolvedConfig, 'deploy'>): Target {
  return deploy.architecture === 'host' ? hostTarget() : { os: 'linux', cpu: deploy.architecture };
}

/** Fields of a package.json by which npm selects packages for a machine. */
export interface PlatformFields {
  os?: string[];
  cpu?: string[];
  libc?: string[];
}

/** True if a package with these fields runs on the target. Linux means glibc here, as on Lambda. */
export function runsOn(target: Target, { os, cpu, libc }: PlatformFields): boolean {
  return (
    (os === undefined || os.includes(target.os)) &&
    (cpu === undefined || cpu.includes(target.cpu)) &&
    (libc === undefined || target.os !== 'linux' || libc.includes('glibc'))
  );
}
