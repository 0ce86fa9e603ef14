import type { Places } from '../ways/ways.ts';
import type { Command } from '../ways/worker.ts';

/** Another program that can do the same work. */
export interface Peer {
  name: string;
  label: string;
  /** Its version, and those of the codecs in it where it tells them. */
  version: string;
  /** Runs every so many rounds: some take seconds for a photograph. */
  every: number;
  /** A process of it for these photographs. */
  command(places: Places): Command;
}

/** A peer that is not here, and why. */
export interface Missing {
  name: string;
  why: string;
}

/** Installs where that is needed and possible. @throws with the reason where it is not */
export interface Installer {
  name: string;
  install(say: (line: string) => void): Promise<Peer>;
}

/** Installs one after the other; what fails is left out and says why. */
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
