import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the range from which Linux takes ports for outgoing connections and for port 0 (32768 to 60999): of that range,
 * another process takes a port that was free now and then, in 1 to 3 of 100 runs before a broker has started.
 */
const range = { from: 10_000, below: 32_768 };

/**
 * Ports that are free now, all different, for servers that cannot choose one (a broker announces its own) or that take
 * theirs again after a pause.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = range.from + Math.floor(Math.random() * (range.below - range.from));
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

/** The same for one. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}
