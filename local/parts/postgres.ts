import { type RestartablePostgres, startRestartablePostgres } from '../postgres/restartable.ts';
import { home } from './home.ts';
import type { Part } from './part.ts';

export const postgres: Part<RestartablePostgres> = {
  name: 'Postgres',
  reported: true,
  start: ({ options: { config, durable = true, onProgress }, use }) =>
    startRestartablePostgres({
      directory: use(home).postgres,
      maxConnections: config.database.maxConnections,
      durable,
      onProgress,
    }),
  stop: (running) => running.stop(),
  ended: (running) => running.ended,
  pids: (running) => [running.pid],
};
