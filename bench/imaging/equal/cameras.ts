import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SizeScores } from '../build.ts';
import { compare, ownWays } from '../measures/comparison.ts';
import { cpuOf, cpuRatio } from '../measures/rounds.ts';
import type { Photograph } from '../photographs/photographs.ts';
import { equalQualities, Scorer, wantedScores } from './equal.ts';
import type { Judge } from './judge.ts';
import { sluiceMatched } from './matched.ts';
import type { Scene } from './scene.ts';
import type { Scores } from './search.ts';
import { plainEqual, sluicePixels } from './tunable.ts';
import { lossOf, modernFiles, scoredFiles } from './variant.ts';

/**
 * The two ratios of CPU of the promises on a photograph of a camera: drawn ones have other textures, and what an encoder
 * costs depends on that.
 */
export interface Camera {
  photograph: string;
  /** Of the default variants. */
  defaults: Scores;
  cpuMs: number;
  /** The defaults against the defaults before, no modern file of a score below theirs. */
  ofFixed: number;
  /** The scores that this took, by size. */
  scores: SizeScores;
  /** The greatest loss of score that remains: above none where the highest score falls short. */
  loss: number;
  /** The defaults against six plain pipelines at equal score, in WebP and JPEG. */
  ofPlain: number;
}

/** Each photograph in turns, with the qualities of equal score of its own. */
export async function measureCameras(
  photographs: readonly Photograph[],
  scene: Scene,
  judge: Judge,
  rounds: { count: number },
  say: (line: string) => void,
): Promise<Camera[]> {
  const found: Camera[] = [];
  for (const [at, photograph] of photographs.entries()) {
    say(`At equal score: photograph ${at + 1} of ${photographs.length}`);
    const folder = join(scene.folder, photograph.name);
    mkdirSync(folder, { recursive: true });
    found.push(await measureCamera({ ...scene, photograph, folder }, judge, rounds));
  }
  return found;
}

async function measureCamera(scene: Scene, judge: Judge, rounds: { count: number }): Promise<Camera> {
  const scorer = new Scorer(judge, scene);
  const wanted = await wantedScores(scorer, scene);
  const own = ownWays(scene, undefined).filter(({ name }) => name === 'sluice' || name === 'fixed');
  const plain = plainEqual(scene, 'webp');
  const [matched, qualities] = await Promise.all([
    sluiceMatched(scene, wanted.fixed, scorer, () => {}),
    equalQualities(plain, wanted, scorer, () => {}),
  ]);
  const { name, label } = plain;
  const command = await plain.command(qualities);
  const photograph = scene.photograph.name;
  const ways = [...own, matched, { name, label, command, every: 1, photograph }];
  const runs = await compare(ways, rounds, () => {});
  const made = scoredFiles(await scorer.scores(matched.command, sluicePixels(scene)));
  return {
    photograph: scene.photograph.label,
    defaults: wanted.default,
    cpuMs: cpuOf(runs.get('sluice') ?? []) ?? Number.NaN,
    ofFixed: cpuRatio(runs, 'matched', 'fixed') ?? Number.NaN,
    scores: matched.qualities,
    loss: lossOf(made, modernFiles(scoredFiles(wanted.fixed))),
    ofPlain: cpuRatio(runs, 'sluice', 'plain-equal') ?? Number.NaN,
  };
}
