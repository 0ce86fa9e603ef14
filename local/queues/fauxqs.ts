import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessLedger } from '../processes/ledger.ts';
import type { FauxqsAnswer, FauxqsSettings } from './fauxqs-process.ts';

/** SQS could not be started; the message is for a person. */
export class FauxqsProblem extends Error {
  override readonly name = 'FauxqsProblem';
}

/** fauxqs on 127.0.0.1, for its SQS. */
export interface RunningFauxqs {
  endpoint: string;
  pid: number;
  /** Resolves when the process has ended, wanted or not. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

const stopMs = 3_000;

/**
 * Starts fauxqs in a process of its own, with its state in a folder.
 * @throws FauxqsProblem
 */
export async function startFauxqs(
  options: FauxqsSettings & { logFolder: string; ledger: ProcessLedger },
): Promise<RunningFauxqs> {
  const { dataFolder, ledger } = options;
  mkdirSync(options.logFolder, { recursive: true });
  const log = openSync(join(options.logFolder, 'fauxqs.log'), 'a', 0o600);
  const child = fork(join(import.meta.dirname, 'fauxqs-process.ts'), [dataFolder], {
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
  closeSync(log);
  const pid = child.pid ?? -1;
  if (child.pid !== undefined) ledger.add(pid);
  const ended = new Promise<void>((done) => {
    child.once('exit', () => {
      ledger.remove(pid);
      done();
    });
  });
  child.send({ dataFolder } satisfies FauxqsSettings);
  const answer = await firstAnswer(child);
  if ('port' in answer)
    return { endpoint: `http://127.0.0.1:${answer.port}`, pid, ended, stop: () => stop(child, ended) };
  await stop(child, ended);
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
      done({ problem: `its process ended with ${code ?? signal}`, missing: false }),
    );
  });
}

/** Everything is written as it happens, so there is nothing to flush: it may end at once. */
async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const forced = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await ended;
  clearTimeout(forced);
}
