import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { eventually, temporaryFolder } from './workshop.ts';

const projectRoot = resolve(import.meta.dirname, '../..');

/** `npm start` in a process of its own, and all that it says. */
export interface Started {
  child: ChildProcess;
  /** What it has said so far, on both channels. */
  said(): string;
  /** Resolves with its exit code; null where a signal ended it. */
  ended: Promise<number | null>;
}

export interface StartOptions {
  home: string;
  /** Of another project; by default this one. */
  root?: string;
  environment?: Record<string, string>;
}

/** Runs `bin/start.ts` as npm would, on a free port. It is killed when the test is over. */
export function startProcess({ home, root = projectRoot, environment = {} }: StartOptions): Started {
  // Another project is made of links to this one; its modules must believe that they lie where the links do.
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

/** A home folder with functions that were built already, as after a first start: they take the most of it. */
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
