import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Addresses, type Inspection, inspect, type Overrides } from './pipeline.ts';

/** A runner in its own process, which a test can kill and restart with the same home. */
export interface Runner extends Addresses, Inspection {
  /** SIGKILL to the runner and all its child processes at once. */
  kill9(): Promise<number>;
  stop(): Promise<void>;
}

export interface RunnerHome {
  start(): Promise<Runner>;
  remove(): void;
}

export function makeRunnerHome(overrides: Overrides): RunnerHome {
  const home = mkdtempSync(join(tmpdir(), 'sluice-runner-'));
  return {
    async start() {
      const script = join(import.meta.dirname, 'runner-process.ts');
      const child = spawn(process.execPath, [script, home, JSON.stringify(overrides)], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const output: string[] = [];
      child.stderr.on('data', (text: Buffer) => output.push(String(text)));
      const [line] = await Promise.race([
        once(createInterface(child.stdout), 'line'),
        once(child, 'exit').then(() => Promise.reject(new Error(`The runner ended:\n${output.join('')}`))),
      ]);
      const addresses = JSON.parse(String(line)) as Addresses;
      const inspection = inspect(addresses);
      return {
        ...addresses,
        ...inspection,
        async kill9() {
          const processes = [...descendants(child.pid ?? 0), child.pid ?? 0];
          for (const pid of processes) signal(pid);
          await ended(child);
          await inspection.close();
          return processes.length;
        },
        async stop() {
          await inspection.close();
          child.kill('SIGTERM');
          await ended(child);
        },
      };
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** All descendants of a process according to /proc; children before their parents. */
function descendants(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The name in parentheses may contain spaces; the parent is the second field after it.
        const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ');
        return [{ child: Number(name), parent: Number(parent) }];
      } catch {
        return [];
      }
    });
  const below = (of: number): number[] =>
    parents.filter(({ parent }) => parent === of).flatMap(({ child }) => [...below(child), child]);
  return below(pid);
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended with its parent.
  }
}
