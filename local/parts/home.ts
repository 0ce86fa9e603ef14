import { type Home, openHome } from '../home/home.ts';
import { lockHome } from '../home/lock.ts';
import { readSecrets, type Secrets } from '../home/secrets.ts';
import { openRunnerLog } from '../runner-log.ts';
import type { Part } from './part.ts';

/** The folder of all state, locked for this runner. */
export const home: Part<Home & { unlock(): void }> = {
  name: 'home folder',
  start({ options }) {
    const folders = openHome(options.home);
    return { ...folders, unlock: lockHome(folders.lock, folders.root) };
  },
  stop: ({ unlock }) => unlock(),
};

/** Writes a line to `runner.log`. */
export const log: Part<(line: string) => void> = {
  name: 'log',
  start: ({ use }) => openRunnerLog(use(home).logs),
};

export const secrets: Part<Secrets> = {
  name: 'secrets',
  start({ options, use }) {
    const stored = readSecrets(use(home).secrets);
    return { ...stored, apiKey: options.apiKey ?? stored.apiKey };
  },
};
