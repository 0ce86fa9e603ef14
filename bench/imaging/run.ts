import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { resolveConfig } from '../../lib/config/resolve.ts';
import { photograph } from './photograph.ts';
import { type Run, type Setup, type Way, ways } from './protocol.ts';
import { type Result, resultPage, resultTable, summarise } from './result.ts';

/** The promise: the cascade takes at most this share of the plain way's CPU. */
const promise = 0.6;
const warmUps = 2;
const font = join(import.meta.dirname, '../../lambda/imaging/font');

/**
 * One 12-megapixel JPEG to the six default variants, in a cascade and the plain way, in turns, each warm in a child of
 * its own. `--quick` runs less and records nothing; `--file` takes a photograph of yours, and records nothing either.
 * @returns whether the promise holds
 */
export async function run(args: string[], say: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({ args, options: { quick: { type: 'boolean' }, file: { type: 'string' } } });
  const rounds = values.quick ? 5 : 20;
  if (values.file === undefined) say('Drawing a photograph of 4000 × 3000 pixels (a few seconds)');
  const bytes = values.file === undefined ? await photograph(4000, 3000, 1) : readFileSync(values.file);
  const settings = defaultSettings();
  const setup: Setup = { bytes, settings, presetNames: Object.keys(settings.presets), root: font };

  const [cascade, plain] = await Promise.all(ways.map((way) => start(way, setup)));
  if (cascade === undefined || plain === undefined) throw new Error('a way is missing');
  const runs: Record<Way, Run[]> = { cascade: [], plain: [] };
  for (let round = -warmUps; round < rounds; round++) {
    say(round < 0 ? 'Warming up' : `Round ${round + 1} of ${rounds}`);
    const turns = { cascade: await cascade.run(), plain: await plain.run() };
    if (round >= 0) for (const way of ways) runs[way].push(turns[way]);
  }
  cascade.stop();
  plain.stop();

  const { width, height } = await sharp(bytes).metadata();
  const result: Result = {
    picture: { width, height, bytes: bytes.length, generated: values.file === undefined },
    rounds,
    ...(await summarise(runs)),
    promise,
    machine: { processor: cpus()[0]?.model ?? 'unknown', node: process.version, sharp: sharp.versions.sharp },
  };
  say(resultTable(result));
  if (!values.quick && values.file === undefined) {
    writeFileSync(join(import.meta.dirname, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
    writeFileSync(join(import.meta.dirname, 'result.md'), resultPage(result));
  }
  return result.cpuRatio <= promise;
}

/** The presets out of the box: three sizes, two formats, a text on large and medium. */
function defaultSettings() {
  const sizes = { large: 1600, medium: 800, small: 320 };
  return resolveConfig({
    presets: Object.fromEntries(
      Object.entries(sizes).map(([name, side]) => [
        name,
        { width: side, height: side, watermarks: name === 'small' ? [] : ['brand'] },
      ]),
    ),
    watermarks: { brand: { type: 'text', text: 'Sluice', scale: 0.2, opacity: 0.7 } },
  });
}

async function start(way: Way, setup: Setup) {
  const child = fork(join(import.meta.dirname, 'child.ts'), [way], {
    serialization: 'advanced',
    execArgv: [],
    env: {
      MALLOC_ARENA_MAX: '2',
      VIPS_CONCURRENCY: '1',
      FONTCONFIG_FILE: join(font, 'fonts.conf'),
      XDG_CACHE_HOME: tmpdir(),
    },
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the ${way} process ended`);
  });
  ended.catch(() => undefined);
  const answer = async () => (await Promise.race([once(child, 'message'), ended]))[0] as unknown;
  child.send(setup);
  await answer();
  return {
    run: async () => {
      child.send('run');
      return (await answer()) as Run;
    },
    stop: () => child.disconnect(),
  };
}
