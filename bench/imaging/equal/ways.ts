import type { Way } from '../measures/comparison.ts';
import { compileFloor } from '../peers/floor.ts';
import type { Missing, Peer } from '../peers/peer.ts';
import { equalQualities, Scorer, wantedScores } from './equal.ts';
import type { Judge } from './judge.ts';
import { sluiceMatched } from './matched.ts';
import type { Scene } from './scene.ts';
import { floorEqual, peerEqual, plainEqual, sluicePixels, type Tunable } from './tunable.ts';
import type { WayVariants } from './variant.ts';

export interface EqualOptions {
  judge: Judge;
  scene: Scene;
  peers: readonly Peer[];
  /** Folder with builds of the codecs for the floor. */
  codecs: string | undefined;
  /** Only the ways of the main promises. */
  quick: boolean | undefined;
}

/** The ways of equal score with the qualities that were found, and what is missing. */
export interface EqualWays {
  scorer: Scorer;
  ways: Way[];
  missing: Missing[];
  /** The floor's libraries. */
  versions: string[];
}

/** Finds the qualities of all ways of equal score. Nothing is timed meanwhile. */
export async function equalWays(
  { judge, scene, peers, codecs, quick }: EqualOptions,
  say: (line: string) => void,
): Promise<EqualWays> {
  const scorer = new Scorer(judge, scene);
  const wanted = await wantedScores(scorer, scene);
  const peer = (name: string) => peers.filter((one) => one.name === name);
  const tunables: Tunable[] = [
    plainEqual(scene, 'webp'),
    ...(quick ? [] : [plainEqual(scene, undefined)]),
    ...peer('pillow').map((one) => peerEqual(one, scene, undefined)),
    ...(quick ? [] : peer('pillow').map((one) => peerEqual(one, scene, 'webp'))),
    ...peer('ffmpeg').map((one) => peerEqual(one, scene, undefined)),
  ];
  const missing: Missing[] = [];
  const versions: string[] = [];
  try {
    const floor = await compileFloor(codecs);
    tunables.push(floorEqual(floor, scene, await scorer.lossless(sluicePixels(scene))));
    versions.push(`the floor with ${floor.version}`);
  } catch (error) {
    const why = (error as Error).message;
    missing.push({ name: 'floor', why });
    say(`Skipped: the floor: ${why}`);
  }
  const ways: Way[] = [await sluiceMatched(scene, wanted.fixed, scorer, say)];
  for (const tunable of tunables) {
    const { name, label, pixels } = tunable;
    const qualities = await equalQualities(tunable, wanted, scorer, say);
    const command = await tunable.command(qualities);
    const every = peers.find((one) => name.startsWith(`${one.name}-`))?.every ?? 1;
    ways.push({ name, label, command, pixels, qualities, every, photograph: scene.photograph.name });
  }
  return { scorer, ways, missing, versions };
}

/** The files of every way that has pixels to be judged against. */
export async function judgeWays(
  ways: readonly Way[],
  scorer: Scorer,
  say: (line: string) => void,
): Promise<WayVariants[]> {
  const judged: WayVariants[] = [];
  for (const { name, label, command, pixels, qualities } of ways) {
    if (pixels === undefined) continue;
    say(`Judging: ${label}`);
    judged.push({ name, label, variants: await scorer.variants(command, pixels, qualities) });
  }
  return judged;
}
