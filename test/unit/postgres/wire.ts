import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Socket } from 'node:net';

/** A wire to a server that can go silent: what is connected then hears nothing any more, not even an end. */
export async function layWire(to: { host: string; port: number }) {
  const all: Socket[] = [];
  const silenced = new Set<Socket>();
  let newSilent = false;
  const dialled = Promise.withResolvers<void>();
  const server = createServer((near) => {
    const far = dial(to.port, to.host);
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      all.push(from);
      if (newSilent) silenced.add(from);
      from.on('data', (bytes) => {
        if (!silenced.has(from)) into.write(bytes);
      });
      from.on('error', () => {});
      from.on('close', () => {
        if (!silenced.has(from)) into.destroy();
      });
    }
    dialled.resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    /** New connections are served as ever. */
    silence() {
      for (const end of all) silenced.add(end);
    },
    /** New connections are taken and hear nothing. */
    silenceNew() {
      newSilent = true;
    },
    /** Resolves when a client has connected. */
    dialled: () => dialled.promise,
    async close() {
      for (const end of all) end.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
