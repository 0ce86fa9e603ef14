import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, parse } from 'node:path';
import sharp from 'sharp';
import { writePpm } from '../../codecs/judges/ppm.ts';
import { installJudge, type Ssimulacra2, startSsimulacra2 } from '../../codecs/judges/ssimulacra2.ts';
import type { Missing } from '../peers/peer.ts';
import type { Scores } from './search.ts';

/** Scores files against the pixels that were encoded. */
export interface Judge {
  /**
   * @param made a folder of variants, `<preset>.<format>`
   * @param lossless a folder of the same way's `<preset>.png`
   */
  scores(made: string, lossless: string): Promise<Scores>;
  stop(): void;
}

/** Starts the judge, installed where needed; where that fails, says so and returns why. */
export async function openJudge(
  say: (line: string) => void,
  install: typeof installJudge = installJudge,
): Promise<Judge | Missing> {
  try {
    await install(say);
  } catch (error) {
    const why = (error as Error).message;
    say(`SKIPPED: all that compares at equal score, and the floor: the judge cannot be installed: ${why}`);
    return { name: 'the judge', why };
  }
  const judges = [startSsimulacra2(), startSsimulacra2()];
  const turn = inTurn(judges);
  return {
    scores: (made, lossless) => turn((judge) => scoresOf(judge, made, lossless)),
    stop: () => {
      for (const judge of judges) judge.stop();
    },
  };
}

/** Gives each work the next of `hands`, one after the other, so that two searches can run side by side. */
export function inTurn<Hand>(
  hands: readonly Hand[],
): <Done>(work: (hand: Hand) => Promise<Done>) => Promise<Done> {
  const last = hands.map((): Promise<unknown> => Promise.resolve());
  let next = 0;
  return (work) => {
    const at = next++ % hands.length;
    const done = (last[at] as Promise<unknown>).then(() => work(hands[at] as Hand));
    last[at] = done.catch(() => undefined);
    return done;
  };
}

async function scoresOf(judge: Ssimulacra2, made: string, lossless: string): Promise<Scores> {
  const scores: Scores = {};
  const distorted = join(made, 'distorted.ppm');
  for (const file of readdirSync(made).filter((name) => /\.(webp|jpeg|avif)$/.test(name))) {
    const reference = join(lossless, `${parse(file).name}.ppm`);
    if (!existsSync(reference)) await toPpm(join(lossless, `${parse(file).name}.png`), reference);
    await toPpm(join(made, file), distorted);
    scores[file] = (await judge.score(reference, distorted)).score;
    rmSync(distorted);
  }
  return scores;
}

/** As a page of white shows it, because JPEG has no alpha. */
async function toPpm(file: string, path: string): Promise<void> {
  const { data, info } = await sharp(readFileSync(file))
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`${file} has ${info.channels} channels`);
  writePpm(path, { data, width: info.width, height: info.height });
}
