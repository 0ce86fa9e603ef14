import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { residentBytes } from '../../local/lambda/memory.ts';
import { cpuTime } from '../../local/processes/cpu.ts';
import type { BenchDatabase } from './database.ts';
import type { Usage, Way } from './ways.ts';

export interface Measured extends Usage {
  bytes: number;
}

/** Reads all that comes, as fast as it can or at a rate in bytes a second. */
function reader(rate?: number) {
  let bytes = 0;
  let ended: () => void = () => {};
  const end = new Promise<void>((done) => {
    ended = done;
  });
  async function serve(socket: Socket): Promise<void> {
    const started = performance.now();
    socket.on('error', () => ended());
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (rate === undefined) continue;
      const early = (1000 * bytes) / rate - (performance.now() - started);
      if (early > 0) await pause(early);
    }
    ended();
  }
  const server = createServer({ highWaterMark: 16_384 }, (socket) => void serve(socket).catch(() => ended()));
  return { server, end, read: () => ({ bytes }) };
}

/** Runs a way in a process of its own. @param rate of its reader in bytes a second, which then reads for `seconds` only */
export async function measure(
  way: Way,
  { server: address }: Pick<BenchDatabase, 'server'>,
  slow?: { rate: number; seconds: number },
): Promise<Measured> {
  const { server, end, read } = reader(slow?.rate);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { host, port, user, password, database } = address;
  const child = spawn(
    process.execPath,
    [
      '--expose-gc',
      join(import.meta.dirname, 'way-process.ts'),
      way,
      JSON.stringify({ host, port, user, password, database }),
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        SLUICE_BENCH_PORT: String((server.address() as AddressInfo).port),
        ...(slow === undefined ? {} : { SLUICE_BENCH_COLLECT: 'yes' }),
      },
    },
  );
  const output = textOf(child);
  if (slow !== undefined) {
    await Promise.race([pause(slow.seconds * 1000), once(child, 'exit')]);
    child.kill('SIGTERM');
  }
  const usage = JSON.parse(await output) as Usage;
  if (slow === undefined) await end;
  server.close();
  return { ...usage, ...read() };
}

async function textOf({ stdout }: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of stdout ?? []) text += String(chunk);
  return text;
}

/** psql's \copy of a query to a pipe; undefined where there is no psql. */
export async function psql(
  query: string,
  { server }: Pick<BenchDatabase, 'server'>,
): Promise<Pick<Measured, 'seconds' | 'cpuSeconds' | 'bytes' | 'rssMost'> | undefined> {
  try {
    execFileSync('psql', ['--version'], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const { host, port, user, password, database } = server;
  const copy = `\\copy (${query}) to stdout (format csv, header)`;
  const args = ['-h', host, '-p', String(port), '-U', user, '-X', '-q', '-c', copy, database];
  const started = performance.now();
  const child = spawn('psql', args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PGPASSWORD: password },
  });
  let bytes = 0;
  let cpuSeconds = 0;
  let rssMost = 0;
  // Its last moment is not seen.
  const seen = setInterval(() => {
    cpuSeconds = Math.max(cpuSeconds, cpuTime(child.pid ?? 0).own);
    rssMost = Math.max(rssMost, residentBytes(child.pid ?? 0));
  }, 20);
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) bytes += chunk.length;
  clearInterval(seen);
  return { seconds: (performance.now() - started) / 1000, cpuSeconds, bytes, rssMost };
}
