import { accessSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The home folder cannot be used; the message has the reason and the remedy. */
export class HomeProblem extends Error {
  override readonly name = 'HomeProblem';
}

export interface Home {
  root: string;
  lock: string;
  secrets: string;
  ports: string;
  postgres: string;
  queues: string;
  objects: string;
  spool: string;
  events: string;
  functions: string;
  logs: string;
  work: string;
  processes: string;
}

/**
 * Creates the home folder, readable by its owner only: it contains keys and images.
 * @throws HomeProblem if it cannot be created or written
 */
export function openHome(folder: string): Home {
  const root = resolve(folder);
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    accessSync(root, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new HomeProblem(
      `Sluice keeps its state in ${root}, and ${reasons[code ?? ''] ?? `it cannot be used (${code})`}. ` +
        'Choose another folder with SLUICE_HOME.',
      { cause: error },
    );
  }
  const at = (name: string) => join(root, name);
  return {
    root,
    lock: at('lock'),
    secrets: at('secrets.json'),
    ports: at('ports.json'),
    postgres: at('postgres'),
    queues: at('queues'),
    objects: at('objects'),
    spool: at('spool'),
    events: at('events'),
    functions: at('functions'),
    logs: at('logs'),
    work: at('work'),
    processes: at('processes'),
  };
}

const reasons: Record<string, string> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'that file system is read-only',
  ENOSPC: 'that disk is full',
  ENOTDIR: 'a part of that path is a file',
  EEXIST: 'that is a file, not a folder',
};
