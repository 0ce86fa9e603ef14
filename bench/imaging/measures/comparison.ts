import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Floor, floorCommand } from '../peers/floor.ts';
import type { Peer } from '../peers/peer.ts';
import type { Task } from '../task.ts';
import { type Places, plain, sluice } from '../ways/ways.ts';
import { type Command, startWorker } from '../ways/worker.ts';
import { pixelsOf } from './fidelity.ts';
import { type Entry, type Rounds, type Runs, runRounds } from './rounds.ts';

/** A way to run in turns, before its process starts. */
export interface Way {
  name: string;
  label: string;
  command: Command;
  photograph: string;
  every: number;
}

/** Sluice in the four forms of the promises; `p3` where there is a photograph in Display P3. */
export function ownWays(places: Places, photograph: string, p3: string | undefined): Way[] {
  const way = (name: string, label: string, command: Command, of = photograph): Way => ({
    name,
    label,
    command,
    photograph: of,
    every: 1,
  });
  return [
    way('sluice', 'Sluice: worker and decoder child', sluice(places, 'balanced', 'lane')),
    way('in-process', 'the same work in one process', sluice(places, 'balanced', 'in-process')),
    way('fast', 'Sluice, profile fast (WebP effort 2)', sluice(places, 'fast', 'lane')),
    ...(p3 === undefined
      ? []
      : [way('sluice-p3', 'Sluice, the photograph in Display P3', sluice(places, 'balanced', 'lane'), p3)]),
    way('plain', 'six plain sharp pipelines', plain(places)),
  ];
}

export function peerWays(peers: readonly Peer[], places: Places, photograph: string): Way[] {
  return peers.map(({ name, label, every, command }) => ({
    name,
    label,
    every,
    photograph,
    command: command(places),
  }));
}

/** The floor encodes the same pixels as Sluice; `exact` is the folder with them as PNG. */
export async function floorWay(
  floor: Floor,
  { path, targets }: Task['photographs'][string],
  original: { width: number; height: number },
  exact: string,
  folder: string,
  photograph: string,
): Promise<Way> {
  const rasters = [];
  for (const { preset, width, height } of targets) {
    const raw = join(folder, `${preset}.rgb`);
    writeFileSync(raw, (await pixelsOf(join(exact, `${preset}.png`))).data);
    rasters.push({ preset, path: raw, width, height });
  }
  const largest = targets[0]?.width ?? original.width;
  const denominator = [8, 4, 2, 1].find((scale) => original.width / scale >= largest) ?? 1;
  const command = floorCommand(floor, path, denominator, rasters);
  return { name: 'floor', label: 'the codecs alone, in C', every: 1, command, photograph };
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
