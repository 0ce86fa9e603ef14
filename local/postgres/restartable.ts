import { setTimeout as pause } from 'node:timers/promises';
import { cpuTime, takeReaped } from '../processes/cpu.ts';
import { type PostgresOptions, type RunningPostgres, startPostgres } from './server.ts';

/** Times in milliseconds since the epoch. */
export interface Restart {
  /** The shutdown began. */
  downAt: number;
  /** The server accepts connections again. */
  upAt: number;
}

export interface RestartablePostgres extends RunningPostgres {
  /** CPU seconds of all its processes so far, with those of earlier servers. */
  cpu(): number;
  /**
   * Stops the server, and starts it again on the same port after a pause; `ended` does not resolve.
   * @param immediate without rolling back and without a checkpoint, as after a crash: the server recovers at its
   * start, and without `durable` the last commits are lost
   */
  restart(awayMs: number, immediate?: boolean): Promise<Restart>;
}

/** A server whose process may be replaced. @throws PostgresProblem */
export async function startRestartablePostgres(options: PostgresOptions): Promise<RestartablePostgres> {
  let current = await startPostgres(options);
  let restarting: Promise<Restart> | undefined;
  const stopping = new AbortController();
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  let cpuOfEnded = 0;
  const watch = (server: RunningPostgres) =>
    server.ended.then(() => {
      cpuOfEnded += takeReaped();
      if (restarting === undefined) resolve();
    });
  watch(current);

  async function restart(awayMs: number, immediate: boolean): Promise<Restart> {
    const downAt = Date.now();
    await current.stop(immediate);
    await pause(awayMs, undefined, { signal: stopping.signal });
    const { port } = current;
    current = await startPostgres({ ...options, port, keepLog: true });
    return { downAt, upAt: Date.now() };
  }

  return {
    ...current,
    get pid() {
      return current.pid;
    },
    ended,
    cpu() {
      const { own, descendants } = cpuTime(current.pid);
      return cpuOfEnded + own + descendants;
    },
    restart(awayMs, immediate = false) {
      if (restarting !== undefined || stopping.signal.aborted)
        throw new Error('Postgres is restarting or stopping.');
      restarting = restart(awayMs, immediate).finally(() => {
        restarting = undefined;
        watch(current);
      });
      return restarting;
    },
    async stop() {
      stopping.abort();
      await restarting?.catch(() => undefined);
      await current.stop();
      resolve();
    },
  };
}
