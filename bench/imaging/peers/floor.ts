import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, fingerprint, peersFolder, source } from '../cache.ts';
import type { Command } from '../ways/worker.ts';
import { ask } from './program.ts';

/** The compiled floor, and the versions of the codecs in it. */
export interface Floor {
  program: string;
  version: string;
}

/**
 * Compiles `floor.c`. Needs gcc and the headers of libjpeg-turbo and libwebp (on Debian libjpeg62-turbo-dev and
 * libwebp-dev).
 * @param codecs folder of other builds of both libraries: `include/`, and `lib/` with their `.a`
 * @throws with what is missing
 */
export async function compileFloor(codecs: string | undefined): Promise<Floor> {
  const libraries =
    codecs === undefined
      ? ['-ljpeg', '-lwebp']
      : [`-I${codecs}/include`, `-L${codecs}/lib`, '-l:libjpeg.a', '-l:libwebp.a', '-l:libsharpyuv.a'];
  mkdirSync(cacheFolder, { recursive: true });
  const program = join(cacheFolder, `floor-${fingerprint(source('../peers/floor.c'), ...libraries)}`);
  const code = join(peersFolder, 'floor.c');
  await ask('gcc', ['-O3', '-o', program, code, ...libraries, '-lm', '-lpthread']).catch((error: Error) => {
    throw new Error(`${error.message} (needs gcc, libjpeg62-turbo-dev and libwebp-dev, or --codecs)`);
  });
  return { program, version: (await ask(program, ['--version'])).trim() };
}

/** The floor for one JPEG: the denominator of the nearest scale, and the pixels of each size. */
export function floorCommand(
  { program }: Floor,
  jpeg: string,
  denominator: number,
  rasters: readonly { preset: string; path: string; width: number; height: number }[],
): Command {
  const words = rasters.flatMap(({ preset, path, width, height }) => [preset, path, `${width}`, `${height}`]);
  return { command: program, args: [jpeg, `${denominator}`, ...words] };
}
