import type { Places } from '../ways/ways.ts';
import type { Command } from '../ways/worker.ts';

/** Another program for the same work. */
export interface Peer {
  name: string;
  label: string;
  /** Its version, and those of its codecs where known. */
  version: string;
  /** Runs every n-th round: some take seconds for a photograph. */
  every: number;
  /** A process of it for these photographs. */
  command(places: Places): Command;
}

/** An unavailable peer, and why. */
export interface Missing {
  name: string;
  why: string;
}

/** Installs it where needed. @throws with the reason where that fails */
export interface Installer {
  name: string;
  install(say: (line: string) => void): Promise<Peer>;
}

/** Installs them in turn; those that fail are left out with the reason. */
export async function installed(
  installers: readonly Installer[],
  say: (line: string) => void,
): Promise<{ peers: Peer[]; missing: Missing[] }> {
  const peers: Peer[] = [];
  const missing: Missing[] = [];
  for (const { name, install } of installers)
    try {
      peers.push(await install(say));
    } catch (error) {
      const why = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
      missing.push({ name, why });
      say(`Skipped: ${name}: ${why}`);
    }
  return { peers, missing };
}
