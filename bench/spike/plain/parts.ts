import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { startRestartablePostgres } from '../../../local/postgres/restartable.ts';
import { ProcessRegistry } from '../../../local/processes/registry.ts';
import { startFauxqs } from '../../../local/queues/fauxqs.ts';
import { ensureQueue, queueArn, type SqsQueue } from '../../../local/queues/sqs.ts';
import { maxConnections, maxReceiveCount } from './settings.ts';
import { createTables } from './tables.ts';

/** A child process that takes messages of one type and reports in another. */
export interface Child<Message, Report> {
  pid: number;
  latest: Report | undefined;
  /** Rejects when the process ends before it is stopped; never resolves. */
  failed: Promise<never>;
  send(message: Message): void;
  stop(): Promise<void>;
}

export function startChild<Message extends object, Report>(file: string): Child<Message, Report> {
  const child: ChildProcess = fork(join(import.meta.dirname, file), { stdio: ['ignore', 2, 2, 'ipc'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => undefined);
  let isStopped = false;
  child.once('exit', (code, signal) => {
    if (!isStopped) reject(new Error(`${file} ended with ${code ?? signal}.`));
  });
  const started: Child<Message, Report> = {
    pid: child.pid ?? 0,
    latest: undefined,
    failed,
    send: (message) => void child.send(message),
    stop: () => {
      isStopped = true;
      if (child.connected) child.disconnect();
      return ended;
    },
  };
  child.on('message', (report) => {
    started.latest = report as Report;
  });
  return started;
}

/** The Postgres of the design, with its tables. */
export async function openPostgres(folder: string) {
  const directory = join(folder, 'postgres');
  const server = await startRestartablePostgres({ directory, maxConnections });
  const { host, port, user, password, database } = server;
  const address = { host, port, user, password, database };
  const admin = new pg.Client(address);
  await admin.connect();
  await createTables(admin);
  await admin.end();
  return { ...server, address, log: join(directory, 'postgres.log') };
}

/** Memory where there is some, else `folder`: SQS does not write to the disk of Postgres. */
function queueFolder(folder: string): string {
  const memory = '/dev/shm';
  return existsSync(memory) ? mkdtempSync(join(memory, 'sluice-plain-')) : join(folder, 'queues');
}

/** The queue and its dead-letter queue. */
export async function openQueues(folder: string, visibilitySeconds: number) {
  const dataFolder = queueFolder(folder);
  const registry = new ProcessRegistry(join(folder, 'processes'), folder);
  const sqs = await startFauxqs({
    dataFolder,
    logFolder: join(folder, 'logs'),
    registry,
  });
  const { endpoint } = sqs;
  const deadLetters: SqsQueue = await ensureQueue(endpoint, 'PlainJobsDLQ', {});
  const jobs: SqsQueue = await ensureQueue(endpoint, 'PlainJobs', {
    VisibilityTimeout: String(visibilitySeconds),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn('PlainJobsDLQ'), maxReceiveCount }),
  });
  return {
    endpoint,
    jobs,
    deadLetters,
    async stop() {
      await sqs.stop();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

export type PlainQueues = Awaited<ReturnType<typeof openQueues>>;
