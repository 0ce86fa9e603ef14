import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Task } from '../task.ts';
import { peakRssMbOf } from './proc.ts';
import type { Order, Run } from './worker.ts';

export interface Made {
  name: string;
  bytes: Uint8Array;
}

/** CPU in ms since the start, children included, and the largest resident size in MB. */
export interface Spent {
  cpuMs: number;
  peakRssMb: number;
  rssMb?: number;
}

/** The task in the process's first argument. */
export function readTask(): Task {
  return JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Task;
}

/** Handles every request of the benchmark; the other end of `startWorker`, for ways in Node. */
export function serve(make: (photograph: string) => Promise<Made[]>, spent: () => Spent = ownSpent): void {
  const lines = createInterface(process.stdin);
  lines.on('line', async (line) => {
    const { photograph, keep } = JSON.parse(line) as Order;
    const before = spent();
    const start = performance.now();
    const made = await make(photograph);
    const wallMs = performance.now() - start;
    const after = spent();
    const run: Run = {
      ...after,
      cpuMs: after.cpuMs - before.cpuMs,
      wallMs,
      bytes: Object.fromEntries(made.map(({ name, bytes }) => [name, bytes.length])),
    };
    if (keep !== undefined) for (const { name, bytes } of made) writeFileSync(join(keep, name), bytes);
    process.stdout.write(`${JSON.stringify(run)}\n`);
  });
  lines.on('close', () => process.exit());
}

export function ownSpent(): Spent {
  const { user, system } = process.cpuUsage();
  // Not maxRSS, which starts with the size of the process that forked this one.
  return { cpuMs: (user + system) / 1000, peakRssMb: peakRssMbOf(process.pid) };
}
