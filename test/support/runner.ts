import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Addresses, type Inspection, inspect, type Overrides } from './pipeline.ts';

/** A runner in a process of its own, which a test can kill and start again on the same home. */
export interface Runner extends Addresses, Inspection {
  /** SIGKILL to the runner and to every process it has started, all at once. */
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
      const said: string[] = [];
      child.stderr.on('data', (text: Buffer) => said.push(String(text)));
      const [line] = await Promise.race([
        once(createInterface(child.stdout), 'line'),
        once(child, 'exit').then(() => Promise.reject(new Error(`The runner ended:\n${said.join('')}`))),
      ]);
      const addresses = JSON.parse(String(line)) as Addresses;
      const inspection = inspect(addresses);
      return {
        ...addresses,
        ...inspection,
        async kill9() {
          const tree = [...descendants(child.pid ?? 0), child.pid ?? 0];
          for (const pid of tree) signal(pid);
          await ended(child);
          await inspection.close();
          return tree.length;
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

/** All processes below one, by the parents that /proc names; children before their parents. */
function descendants(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The name in parentheses may hold spaces; the parent is the second field after it.
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
    // Already gone with its parent.
  }
}
