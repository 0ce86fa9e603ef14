import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cached, fingerprint, source } from '../cache.ts';
import { makeOnce } from '../measures/fidelity.ts';
import type { Format, Qualities } from '../task.ts';
import { sluice } from '../ways/ways.ts';
import type { Command } from '../ways/worker.ts';
import type { Judge } from './judge.ts';
import type { Scene } from './scene.ts';
import { type Scores, valuesFor } from './search.ts';
import { type Pixels, sluicePixels, type Tunable } from './tunable.ts';
import { scoredFiles, type Variant } from './variant.ts';

/** Makes files once and judges them; the pixels of a name are made once for all ways that share it. */
export class Scorer {
  readonly #judge: Judge;
  readonly #scene: Scene;
  readonly #lossless = new Map<string, Promise<string>>();

  constructor(judge: Judge, scene: Scene) {
    this.#judge = judge;
    this.#scene = scene;
  }

  lossless({ name, command }: Pixels): Promise<string> {
    const known = this.#lossless.get(name);
    if (known !== undefined) return known;
    const made = this.#make(command);
    this.#lossless.set(name, made);
    return made;
  }

  async scores(command: Command, pixels: Pixels): Promise<Scores> {
    const folder = await this.#make(command);
    try {
      return await this.#judge.scores(folder, await this.lossless(pixels));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /**
   * Every file of a way, in the order of sizes and formats of the way.
   * @param qualities by variant, or scores by size
   */
  async variants(command: Command, pixels: Pixels, qualities: Qualities = {}): Promise<Variant[]> {
    const folder = await this.#make(command);
    const scores = await this.#judge.scores(folder, await this.lossless(pixels));
    return scoredFiles(scores).map((file) => {
      const variant = `${file.preset}.${file.format}`;
      const quality = qualities[variant] ?? qualities[file.preset];
      const bytes = statSync(join(folder, variant)).size;
      return { ...file, bytes, ...(quality === undefined ? {} : { quality }) };
    });
  }

  #make(command: Command): Promise<string> {
    const { folder, photograph } = this.#scene;
    return makeOnce(command, photograph.name, mkdtempSync(join(folder, 'made-')));
  }
}

/** The scores to compare with: of the defaults, and of the defaults before. */
export interface Wanted {
  default: Scores;
  fixed: Scores;
}

export async function wantedScores(scorer: Scorer, scene: Scene): Promise<Wanted> {
  const of = (set: 'default' | 'fixed') =>
    scorer.scores(sluice(scene.places, set, 'in-process'), sluicePixels(scene));
  return { default: await of('default'), fixed: await of('fixed') };
}

/** The qualities with which a way has the scores of the defaults. */
export async function equalQualities(
  way: Tunable,
  wanted: Wanted,
  scorer: Scorer,
  say: (line: string) => void,
): Promise<Qualities> {
  const scores = scoresFor(way.format, wanted.default);
  return searched(way, JSON.stringify(scores), scorer, () => {
    say(`Searching for the qualities of equal score: ${way.label}`);
    const probe = async (qualities: Qualities) => scorer.scores(await way.command(qualities), way.pixels);
    return valuesFor(scores, probe, 'nearest');
  });
}

/** What was searched once, read from the cache until the code, the pixels or what is wanted change. */
export async function searched(
  { name, depends, pixels }: Pick<Tunable, 'name' | 'depends' | 'pixels'>,
  wanted: string,
  scorer: Scorer,
  search: () => Promise<Qualities>,
): Promise<Qualities> {
  const digest = digestOf(await scorer.lossless(pixels));
  const file = `equal/${name}-${fingerprint(depends, source('equal/search.ts'), digest, wanted)}.json`;
  const path = await cached(file, async () => Buffer.from(JSON.stringify(await search())));
  return JSON.parse(readFileSync(path, 'utf8')) as Qualities;
}

/**
 * The scores of the defaults by the variants of a way: the files of the defaults, or JPEG and a named format, which has the
 * score of what browsers show. Scores are rounded, so that the last digit makes no new search.
 */
export function scoresFor(format: Format | undefined, defaults: Scores): Scores {
  const files = scoredFiles(defaults);
  const scores: Scores = {};
  for (const preset of new Set(files.map((file) => file.preset))) {
    const jpeg = files.find((file) => file.preset === preset && file.format === 'jpeg');
    if (jpeg === undefined) throw new Error(`the defaults have no JPEG of ${preset}`);
    const other = files.find((file) => file.preset === preset && file.format !== 'jpeg');
    const kind = format ?? other?.format;
    if (kind !== undefined) scores[`${preset}.${kind}`] = hundredths((other ?? jpeg).score);
    scores[`${preset}.jpeg`] = hundredths(jpeg.score);
  }
  return scores;
}

const hundredths = (score: number) => Math.round(score * 100) / 100;

function digestOf(folder: string): string {
  const digest = createHash('sha256');
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.png'))
    .sort())
    digest.update(file).update(readFileSync(join(folder, file)));
  return digest.digest('hex');
}
