import type { Scene } from '../equal/scene.ts';
import { type Pixels, peerPixels, plainPixels, sluicePixels } from '../equal/tunable.ts';
import type { Peer } from '../peers/peer.ts';
import type { Qualities } from '../task.ts';
import { plain, sluice } from '../ways/ways.ts';
import { type Command, startWorker } from '../ways/worker.ts';
import { type Entry, type Rounds, type Runs, runRounds } from './rounds.ts';

/** A way to run in turns, before its process starts. */
export interface Way {
  name: string;
  label: string;
  command: Command;
  photograph: string;
  every: number;
  /** What its variants are judged against; absent where another way has the same variants. */
  pixels?: Pixels;
  /** Its qualities, where they were searched. */
  qualities?: Qualities;
}

/** Sluice in the forms of the promises; `p3` where there is a photograph in Display P3. */
export function ownWays(scene: Scene, p3: string | undefined): Way[] {
  const { places, photograph } = scene;
  const way = (name: string, label: string, command: Command, more: Partial<Way> = {}): Way => ({
    ...{ name, label, command, photograph: photograph.name, every: 1 },
    ...more,
  });
  const pixels = sluicePixels(scene);
  return [
    way('sluice', 'Sluice: worker and decoder child', sluice(places, 'default', 'lane'), { pixels }),
    way('in-process', 'the same work in one process', sluice(places, 'default', 'in-process')),
    way('fixed', 'Sluice, the defaults before: WebP effort 4 and JPEG', sluice(places, 'fixed', 'lane'), {
      pixels,
    }),
    way('fast', 'the same with WebP effort 2', sluice(places, 'fast', 'lane'), { pixels }),
    ...(p3 === undefined
      ? []
      : [
          way('sluice-p3', 'Sluice, the photograph in Display P3', sluice(places, 'default', 'lane'), {
            photograph: p3,
          }),
        ]),
    way('plain', 'six plain sharp pipelines, WebP and JPEG', plain(places), { pixels: plainPixels(scene) }),
  ];
}

export function peerWays(peers: readonly Peer[], scene: Scene): Way[] {
  return peers.map((peer) => ({
    name: peer.name,
    label: peer.label,
    every: peer.every,
    photograph: scene.photograph.name,
    command: peer.command(scene.places),
    pixels: peerPixels(peer, scene),
  }));
}

/** Starts a process for every way, runs them in turns, and ends them. */
export async function compare(
  ways: readonly Way[],
  rounds: Rounds,
  say: (line: string) => void,
): Promise<Runs> {
  const entries: Entry[] = ways.map(({ name, command, photograph, every }) => ({
    name,
    every,
    order: { photograph },
    worker: startWorker(name, command),
  }));
  try {
    return await runRounds(entries, rounds, say);
  } finally {
    for (const { worker } of entries) worker.stop();
  }
}
