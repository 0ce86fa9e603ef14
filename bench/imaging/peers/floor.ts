import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, fingerprint, peersFolder, source } from '../cache.ts';
import type { Output } from '../task.ts';
import type { Command } from '../ways/worker.ts';
import { ask } from './program.ts';

/** The compiled floor, and the versions of the codecs in it. */
export interface Floor {
  program: string;
  version: string;
}

/**
 * Compiles `floor.c`. Needs gcc and the headers of libjpeg-turbo, libwebp and libavif (on Debian libjpeg62-turbo-dev,
 * libwebp-dev and libavif-dev).
 * @param codecs folder of other builds of them: `include/`, and `lib/` with their `.a` and that of libaom, libavif's only
 *   codec
 * @throws with what is missing
 */
export async function compileFloor(codecs: string | undefined): Promise<Floor> {
  const libraries =
    codecs === undefined
      ? ['-ljpeg', '-lwebp', '-lavif']
      : [
          `-I${codecs}/include`,
          `-L${codecs}/lib`,
          '-l:libjpeg.a',
          '-l:libwebp.a',
          '-l:libavif.a',
          '-l:libaom.a',
          '-l:libsharpyuv.a',
        ];
  mkdirSync(cacheFolder, { recursive: true });
  const program = join(cacheFolder, `floor-${fingerprint(source('../peers/floor.c'), ...libraries)}`);
  const code = join(peersFolder, 'floor.c');
  await ask('gcc', ['-O3', '-o', program, code, ...libraries, '-lm', '-lpthread']).catch((error: Error) => {
    throw new Error(
      `${error.message} (needs gcc, libjpeg62-turbo-dev, libwebp-dev and libavif-dev, or --codecs)`,
    );
  });
  return { program, version: (await ask(program, ['--version'])).trim() };
}

/** Ready pixels, and what they become. */
export interface FloorVariant extends Output {
  preset: string;
  path: string;
  width: number;
  height: number;
}

/** The floor for one JPEG: the denominator of the nearest scale, and its variants. */
export function floorCommand(
  { program }: Floor,
  jpeg: string,
  denominator: number,
  variants: readonly FloorVariant[],
): Command {
  const words = variants.flatMap(({ preset, format, quality, path, width, height }) =>
    [preset, format, quality, path, width, height].map(String),
  );
  return { command: program, args: [jpeg, `${denominator}`, ...words] };
}
