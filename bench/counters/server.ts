import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openValkey } from '../../lambda/valkey/connection.ts';

/** Found in no folder of PATH. */
class ServerMissing extends Error {
  override readonly name = 'ServerMissing';
  readonly code = 'ENOENT';
}

export interface BenchServer {
  socket: string;
  pid: number;
  close(): Promise<void>;
}

/** Starts valkey-server or redis-server on a Unix socket, with nothing on disk. @throws ServerMissing */
export async function startServer(folder: string): Promise<BenchServer> {
  const socket = join(folder, 'valkey.sock');
  const settings = ['--port', '0', '--save', '', '--unixsocket', socket, '--dir', folder];
  for (const program of ['valkey-server', 'redis-server']) {
    const child = spawn(program, settings, { stdio: 'ignore' });
    const [event] = await Promise.race([
      once(child, 'error').then(() => ['error']),
      once(child, 'spawn').then(() => ['spawn']),
    ]);
    if (event === 'error') continue;
    const isUp = async () => {
      const connection = openValkey({ host: socket, port: 0, tls: 'off' });
      try {
        return await connection.run({ text: 'return 1', sha1: '0'.repeat(40) }, ['up'], {});
      } catch {
        return undefined;
      } finally {
        connection.close();
      }
    };
    while ((await isUp()) !== 1) {
      if (child.exitCode !== null) throw new ServerMissing(`${program} ended with ${child.exitCode}`);
      await sleep(20);
    }
    return {
      socket,
      pid: child.pid ?? 0,
      async close() {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      },
    };
  }
  throw new ServerMissing('neither valkey-server nor redis-server is installed');
}
