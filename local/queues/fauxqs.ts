import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessRegistry } from '../processes/registry.ts';
import { stopChild } from '../processes/stop-child.ts';
import type { FauxqsAnswer, FauxqsSettings } from './fauxqs-process.ts';

export class FauxqsProblem extends Error {
  override readonly name = 'FauxqsProblem';
}

/** fauxqs on 127.0.0.1, used for its SQS. */
export interface RunningFauxqs {
  endpoint: string;
  pid: number;
  /** Resolves when the process has ended for any reason. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

const stopMs = 3_000;

/**
 * Starts fauxqs in its own process, with its state in a folder.
 * @throws FauxqsProblem
 */
export async function startFauxqs(
  options: FauxqsSettings & { logFolder: string; registry: ProcessRegistry },
): Promise<RunningFauxqs> {
  const { dataFolder, fairDelivery = true, registry } = options;
  mkdirSync(options.logFolder, { recursive: true });
  const log = openSync(join(options.logFolder, 'fauxqs.log'), 'a', 0o600);
  const child = fork(join(import.meta.dirname, 'fauxqs-process.ts'), [dataFolder], {
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
  closeSync(log);
  const pid = child.pid ?? -1;
  if (child.pid !== undefined) registry.add(pid);
  const ended = new Promise<void>((done) => {
    child.once('exit', () => {
      registry.remove(pid);
      done();
    });
  });
  child.send({ dataFolder, fairDelivery } satisfies FauxqsSettings);
  // It flushes nothing at the end: everything is written as it happens.
  const stop = () => stopChild(child, ended, 'SIGTERM', stopMs);
  const answer = await firstAnswer(child);
  if ('port' in answer) return { endpoint: `http://127.0.0.1:${answer.port}`, pid, ended, stop };
  await stop();
  throw new FauxqsProblem(
    answer.missing
      ? `The package fauxqs, which is SQS on this machine, is not installed: run "npm ci". (${answer.problem})`
      : `SQS (fauxqs) did not start: ${answer.problem}`,
  );
}

function firstAnswer(child: ChildProcess): Promise<FauxqsAnswer> {
  return new Promise((done) => {
    child.once('message', (answer) => done(answer as FauxqsAnswer));
    child.once('error', ({ message }) => done({ problem: message, missing: false }));
    child.once('exit', (code, signal) =>
      done({ problem: `its process exited with ${code ?? signal}`, missing: false }),
    );
  });
}
