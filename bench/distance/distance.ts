import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A proxy in front of a server on this machine. */
export interface Distance {
  port: number;
  /** Round trips so far, those of connecting included. */
  roundTrips(): Promise<number>;
  close(): void;
}

/** Opens a proxy that adds a round trip of so many milliseconds. */
export async function openDistance(serverPort: number, roundTripMs: number): Promise<Distance> {
  const script = join(import.meta.dirname, 'proxy-process.ts');
  const child = fork(script, [String(serverPort), String(roundTripMs / 2)]);
  const answer = async () => (await once(child, 'message'))[0] as number;
  const port = await answer();
  return {
    port,
    roundTrips() {
      child.send('count');
      return answer();
    },
    close: () => child.disconnect(),
  };
}
