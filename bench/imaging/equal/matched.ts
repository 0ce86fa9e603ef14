import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { scoreRange } from '../../../lambda/domain/quality.ts';
import { buildProcess, type SizeScores } from '../build.ts';
import type { Way } from '../measures/comparison.ts';
import { sluice } from '../ways/ways.ts';
import type { Command } from '../ways/worker.ts';
import { type Scorer, searched } from './equal.ts';
import type { Scene } from './scene.ts';
import { type Scores, valuesFor } from './search.ts';
import { sluicePixels } from './tunable.ts';
import { lossOf, modernFiles, scoredFiles } from './variant.ts';

const range = { ...scoreRange, step: 0.5 };

/**
 * Sluice's defaults with the least score of each size at which the modern format has no score below that of the WebP before.
 * The JPEG has the same score then; before, it lay some 8 points above the WebP beside it. Where the highest score falls
 * short, it is that.
 */
export async function sluiceMatched(
  scene: Scene,
  fixed: Scores,
  scorer: Scorer,
  say: (line: string) => void,
): Promise<Way & { qualities: SizeScores }> {
  const name = 'matched';
  const label = 'Sluice, the defaults with no modern file of a score below the former ones';
  const pixels = sluicePixels(scene);
  const others = modernFiles(scoredFiles(fixed));
  const probe = async (scores: SizeScores) => {
    const own = scoredFiles(await scorer.scores(matched(scene, scores, 'in-process'), pixels));
    return leads(own, others);
  };
  const qualities = await searched(
    { name: 'matched-modern', depends: code(scene), pixels },
    JSON.stringify(fixed),
    scorer,
    () => {
      say(`Searching for the scores of the former defaults: ${label}`);
      const none = Object.fromEntries(others.map(({ preset }) => [preset, 0]));
      return valuesFor(none, probe, 'at-least', range);
    },
  );
  const command = matched(scene, qualities, 'lane');
  return { name, label, command, pixels, qualities, every: 1, photograph: scene.photograph.name };
}

/** Of each size, the least by which a file's score lies above that of the former one. */
function leads(own: ReturnType<typeof scoredFiles>, others: ReturnType<typeof scoredFiles>): SizeScores {
  return Object.fromEntries(
    [...Map.groupBy(others, ({ preset }) => preset)].map(([preset, files]) => [preset, -lossOf(own, files)]),
  );
}

function matched({ places, folder }: Scene, scores: SizeScores, mode: 'lane' | 'in-process'): Command {
  const root = buildProcess(join(folder, 'built-matched'), scores);
  return sluice({ ...places, root }, 'matched', mode);
}

/** The encoders' options are in the code and in the settings; neither shows in the pixels. */
function code({ places }: Scene): string {
  const files = ['sandbox.mjs', 'settings.json'].map((file) => readFileSync(join(places.root, file), 'utf8'));
  return [JSON.stringify(sharp.versions), ...files].join();
}
