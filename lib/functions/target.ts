/** What the built functions run on. Lambda is `linux` with `arm64`; the local runner builds for its own machine. */
export interface Target {
  os: 'linux' | 'darwin';
  cpu: 'x64' | 'arm64';
}

/** What the pipeline deploys to: Graviton costs 20 % less for the same work. */
export const lambdaTarget: Target = { os: 'linux', cpu: 'arm64' };

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
