import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuTime } from '../../../local/processes/cpu.ts';
import type { FromProducers, Load, Order, ProducerReport, ProducerSetup, ToProducers } from './orders.ts';

/** The process of the producers. */
export interface Clients {
  pid: number;
  /** The last report; `uploads` since the start, by image: those that were not taken with `forget`. */
  readonly counts: Omit<ProducerReport, 'uploads'>;
  cpuSeconds(): number;
  load(load: Load): void;
  /** Ends arrivals and returns. @returns everything that the producers did. @throws Error if they ended or orders are missing */
  finish(): Promise<Order[]>;
  stop(): void;
}

/** @param onUpload called for each upload, with the time of its end in milliseconds since the epoch */
export function startClients(setup: ProducerSetup, onUpload: (id: string, at: number) => void): Clients {
  const child = fork(join(import.meta.dirname, 'client-process.ts'), { stdio: 'inherit' });
  const finished = Promise.withResolvers<number>();
  let counts: Omit<ProducerReport, 'uploads'> = {
    asked: 0,
    offered: 0,
    admitted: 0,
    refused: 0,
    skipped: 0,
    open: 0,
  };
  const send = (message: ToProducers) => child.connected && child.send(message);
  child.on('message', (message: FromProducers) => {
    if ('finished' in message) return finished.resolve(message.finished);
    const { uploads, ...rest } = message.report;
    counts = rest;
    for (const [id, at] of uploads) onUpload(id, at);
  });
  child.once('exit', (code, signal) =>
    finished.reject(new Error(`The producers ended with ${code ?? signal}.`)),
  );
  finished.promise.catch(() => undefined);
  send({ setup });
  return {
    pid: child.pid ?? 0,
    get counts() {
      return counts;
    },
    cpuSeconds: () => cpuTime(child.pid ?? 0).own,
    load: (load) => void send({ load }),
    async finish() {
      send({ finish: true });
      const count = await finished.promise;
      const lines = readFileSync(setup.recordFile, 'utf8').trimEnd().split('\n').filter(Boolean);
      if (lines.length !== count) throw new Error(`${lines.length} of ${count} orders were recorded.`);
      child.disconnect();
      await once(child, 'exit');
      return lines.map((line) => JSON.parse(line) as Order);
    },
    stop: () => void child.kill('SIGKILL'),
  };
}
