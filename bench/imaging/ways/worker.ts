import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How a way's process is started; it then answers each line on its standard input with one line of JSON. */
export interface Command {
  command: string;
  args: string[];
  env?: Record<string, string>;
}

/** The cost of one run: CPU of user and system, children included, in ms; the largest resident size so far in MB. */
export interface Run {
  cpuMs: number;
  wallMs: number;
  peakRssMb: number;
  /** Resident size after the run, for a sandbox. */
  rssMb?: number;
  /** CPU of its parts in ms, where a way reports them. */
  parts?: Record<string, number>;
  /** Bytes of each variant, by `<preset>.<format>`. */
  bytes: Record<string, number>;
}

/** A request to a way: the photograph, and the folder for the files, if any. */
export interface Order {
  photograph: string;
  keep?: string;
}

export interface Worker {
  run(order: Order): Promise<Run>;
  stop(): void;
}

/** Ends a process that never answers: jimp takes some 20 s for a photograph. */
const patienceMs = 180_000;

/** Starts a way's process. It is warm from its second run on. */
export function startWorker(name: string, { command, args, env = {} }: Command): Worker {
  const { PATH = '', HOME = '/' } = process.env;
  const child = spawn(command, args, { env: { PATH, HOME, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  child.stdin.on('error', () => undefined);
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async run(order) {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const clock = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      const answer = await answers.next();
      clearTimeout(clock);
      if (answer.done) throw new Error(`${name} ended: ${await lastWords(child, () => said)}`);
      return JSON.parse(answer.value) as Run;
    },
    stop: () => void child.kill('SIGKILL'),
  };
}

async function lastWords(child: ChildProcess, said: () => string): Promise<string> {
  if (child.exitCode === null && child.signalCode === null)
    await new Promise((resolve) => child.once('close', resolve));
  return said().trim() || `exit code ${child.exitCode}, signal ${child.signalCode}`;
}
