import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { resolveConfig } from '../../lib/config/resolve.ts';
import { buildLocally } from '../../local/build.ts';
import { config } from '../../sluice.config.ts';
import { eventually, temporaryFolder } from './test-host.ts';

const projectRoot = resolve(import.meta.dirname, '../..');

/** `npm start` in its own process, and its output. */
export interface Started {
  child: ChildProcess;
  /** Its output so far, stdout and stderr. */
  said(): string;
  /** Resolves with its exit code; null after a signal. */
  ended: Promise<number | null>;
}

export interface StartOptions {
  home: string;
  /** Another project; by default this one. */
  root?: string;
  environment?: Record<string, string>;
}

/** Runs `bin/start.ts` as npm would, on a free port. Killed after the test. */
export function startProcess({ home, root = projectRoot, environment = {} }: StartOptions): Started {
  // Another project consists of links to this one; its modules must resolve from where the links are.
  const flags = root === projectRoot ? [] : ['--preserve-symlinks', '--preserve-symlinks-main'];
  const child = spawn(process.execPath, [...flags, join(root, 'bin', 'start.ts')], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      SLUICE_HOME: home,
      SLUICE_PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      said += text;
    });
  const ended = once(child, 'close').then(() => child.exitCode);
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  return { child, said: () => said, ended };
}

/** Builds the functions for a changed configuration, unless the folder has them already. */
export function buildInto(outDir: string, change: Partial<typeof config> = {}) {
  const resolved = resolveConfig({ ...config, ...change });
  return buildLocally({ config: resolved, projectRoot, outDir, onProgress: () => undefined });
}

/** The functions, built once for the tests of a file. @returns names their folder, while a test runs */
export function useBuilt(): () => string {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-built-'));
    await buildInto(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return () => folder;
}

/** A home folder with built functions, as after a first start, of which the build takes most. */
export function homeWithFunctions(built: string): string {
  const home = temporaryFolder();
  symlinkSync(built, join(home, 'functions'));
  return home;
}

/** Waits until it is ready. @returns the address that it printed */
export function ready({ said, child }: Started): Promise<string> {
  return eventually(
    () => {
      if (child.exitCode !== null) throw new Error(`It ended while it was starting:\n${said()}`);
      return /^Sluice is ready at (http:\/\/127\.0\.0\.1:\d+)$/m.exec(said())?.[1];
    },
    'the line that says that Sluice is ready',
    40_000,
  );
}

/** A project like this one, of links, with another configuration and without some packages. */
export function projectLike(
  folder: string,
  change: { config?: string; without?: readonly string[] },
): string {
  const root = join(folder, 'project');
  mkdirSync(root);
  for (const name of [
    'bin',
    'lib',
    'lambda',
    'local',
    'simulator',
    'console',
    'migrations',
    'package.json',
    'package-lock.json',
  ])
    symlinkSync(join(projectRoot, name), join(root, name));
  const { config, without = [] } = change;
  if (config === undefined)
    symlinkSync(join(projectRoot, 'sluice.config.ts'), join(root, 'sluice.config.ts'));
  else writeFileSync(join(root, 'sluice.config.ts'), config);
  const packages = join(root, 'node_modules');
  mkdirSync(packages);
  for (const name of readdirSync(join(projectRoot, 'node_modules')))
    if (!without.includes(name)) symlinkSync(join(projectRoot, 'node_modules', name), join(packages, name));
  return root;
}

/** Its error message when it fails, with exit code 1 and without a stack. */
export async function refusal(started: Started): Promise<string> {
  expect(await started.ended).toBe(1);
  const said = started.said();
  expect(said).not.toMatch(/^\s+at .*:\d+:\d+/m);
  expect(said).not.toContain('Sluice is ready');
  return said;
}

/** Processes with the folder in their command line or as their working directory. */
export function processesOf(folder: string): string[] {
  return spawnSync(
    'sh',
    ['-c', 'for p in /proc/[0-9]*; do echo "$(readlink $p/cwd) $(tr "\\0" " " < $p/cmdline)"; done'],
    {
      encoding: 'utf8',
    },
  )
    .stdout.split('\n')
    .filter((line) => line.includes(folder));
}
