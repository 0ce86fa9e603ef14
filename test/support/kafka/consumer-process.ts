import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { KafkaMappingOptions } from '../../../local/kafka/mapping.ts';
import type { TestDatabase } from '../database.ts';
import { freeze } from '../freeze.ts';
import type { ConsumerReport } from './audit-consumer.ts';

export interface ConsumerOptions extends Omit<KafkaMappingOptions, 'invoke' | 'onTrouble'> {
  database: Pick<TestDatabase, 'host' | 'port' | 'name' | 'rolesPassword'>;
  /** Least time of a batch. */
  batchMs: number;
}

export interface ConsumerProcess {
  /** The latest report. */
  report: ConsumerReport | undefined;
  signal(name: 'SIGKILL' | 'SIGCONT'): void;
  /** Stops it (SIGSTOP) until SIGCONT. */
  freeze(): Promise<void>;
  /** Resolves when it has left the group and ended. */
  stop(): Promise<void>;
  ended: Promise<unknown>;
}

/** Starts `audit` behind a mapping in a process of its own. */
export function startConsumer(options: ConsumerOptions): ConsumerProcess {
  const child: ChildProcess = fork(
    join(import.meta.dirname, 'audit-consumer.ts'),
    [JSON.stringify(options)],
    {
      // A heap that is collected early, so that RSS tells what is held: with V8's defaults it rose by 90 MB, whatever was.
      execArgv: ['--max-old-space-size=96', '--max-semi-space-size=2'],
      stdio: ['ignore', 'ignore', process.env.SLUICE_KAFKA_NOISE ? 'inherit' : 'ignore', 'ipc'],
    },
  );
  const consumer: ConsumerProcess = {
    report: undefined,
    signal: (name) => void child.kill(name),
    freeze: () => freeze(child.pid),
    async stop() {
      if (child.connected) child.send('stop');
      await consumer.ended;
    },
    ended: once(child, 'exit'),
  };
  child.on('message', (report: ConsumerReport) => {
    consumer.report = report;
  });
  child.on('error', () => undefined);
  return consumer;
}
