import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { codecEnvironment } from '../../lambda/imaging/sandbox/environment.ts';
import type { Done, WayName } from './ways.ts';

export interface WorkerOptions {
  way: WayName;
  /** Folder of the function `process`. */
  root: string;
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Keys of the originals. */
  originals: string[];
}

/** What a worker did, and the waits of the health checks meanwhile, in milliseconds. */
export interface Way extends Done {
  health: { checks: number; p50: number; p99: number; max: number };
}

const warmUps = 2;
const taskset = '/usr/bin/taskset';

/** Runs a new worker over so many images, after a few to warm it up, and probes it meanwhile. */
export async function measureWay(options: WorkerOptions, images: number): Promise<Way> {
  const worker = startWorker(options);
  try {
    const port = await answer<number>(worker);
    worker.send(warmUps);
    await answer<Done>(worker);
    const prober = fork(join(import.meta.dirname, 'prober-process.ts'), [String(port)]);
    worker.send(images);
    const done = await answer<Done>(worker);
    prober.send('end');
    const waits = (await answer<number[]>(prober)).toSorted((a, b) => a - b);
    const at = (share: number) => waits[Math.min(waits.length - 1, Math.floor(share * waits.length))] ?? 0;
    return { ...done, health: { checks: waits.length, p50: at(0.5), p99: at(0.99), max: at(1) } };
  } finally {
    if (worker.connected) worker.disconnect();
  }
}

/** On one processor, as a function of 1,769 MB has, if another one is left for S3 and the probes. */
function startWorker({ way, root, originals, ...access }: WorkerOptions): ChildProcess {
  const script = [join(import.meta.dirname, 'worker-process.ts'), way, root, ...originals];
  const pinned = cpus().length > 1 && existsSync(taskset) ? [taskset, '-c', '1'] : [];
  const [command = process.execPath, ...args] = [...pinned, process.execPath, ...script];
  return spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      // Of the sandbox, so that the shapes differ in nothing else.
      ...codecEnvironment,
      FONTCONFIG_FILE: join(root, 'assets/fonts.conf'),
      AWS_ENDPOINT_URL: access.endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: access.accessKeyId,
      AWS_SECRET_ACCESS_KEY: access.secretAccessKey,
    },
  });
}

/** The next message of a process. @throws Error if it ends before */
async function answer<Message>(child: ChildProcess): Promise<Message> {
  const ended = new AbortController();
  try {
    const exit = once(child, 'exit', { signal: ended.signal }).then(([code]) => {
      throw new Error(`the worker ended with ${code}`);
    });
    const message = once(child, 'message', { signal: ended.signal }).then(([value]) => value as Message);
    return await Promise.race([message, exit]);
  } finally {
    ended.abort();
  }
}
