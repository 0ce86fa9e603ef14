import { join } from 'node:path';
import { buildFunctions } from '../../lib/bundling/build.ts';
import type { FunctionFile } from '../../lib/bundling/bundle.ts';
import { functionFiles } from '../../lib/bundling/function-files.ts';
import { hostTarget } from '../../lib/bundling/target.ts';
import { catalogue } from '../../lib/catalogue/catalogue.ts';
import { resolveConfig } from '../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../lib/config/schema.ts';

type PresetInput = SluiceConfig['presets'][string];

const projectRoot = join(import.meta.dirname, '../..');
const sizes = { large: 1600, medium: 800, small: 320 };
export const sizeNames = Object.keys(sizes) as (keyof typeof sizes)[];

/** A score for each size. */
export type SizeScores = Record<string, number>;

/** The defaults are the configuration's own. */
const defaults = {} satisfies PresetInput;

/** The defaults before: fixed numbers of the encoders, whatever the picture. */
const fixed = {
  formats: ['webp', 'jpeg'],
  quality: { webp: 80, jpeg: 80 },
  effort: { webp: 4 },
} satisfies PresetInput;

const lossless = { formats: ['png'], effort: { png: 1 } } satisfies PresetInput;

const setOf = (prefix: string) => sizeNames.map((name) => prefix + name).join();

/** Sets of presets of three sizes; a preset is named `<set>-<size>`, or by its size alone for the default set. */
export const presetSets = {
  /** As out of the box, a text on large and medium. */
  default: setOf(''),
  fixed: setOf('fixed-'),
  /** `fixed` with WebP's effort at 2. */
  fast: setOf('fast-'),
  /** The defaults, with the scores that were asked for. */
  matched: setOf('matched-'),
  /** Lossless: the very pixels that are encoded. */
  lossless: setOf('lossless-'),
  /** Lossless and unmarked: the pixels before the watermark. */
  unmarked: setOf('unmarked-'),
};

const { process } = catalogue;
const functions = { process } as typeof catalogue;

/** Compiled once: the search for scores builds some eighty times, and only the settings differ. */
let files: FunctionFile[] | undefined;

/**
 * Builds the function `process` as it is deployed, with the presets that the benchmark needs.
 * @param matched the scores of the set `matched`; a size without one has that of the defaults
 * @returns the folder of `process`
 */
export function buildProcess(outDir: string, matched: SizeScores = {}): string {
  files ??= functionFiles(projectRoot, functions);
  const built = buildFunctions({
    config: configured(matched),
    ...{ projectRoot, outDir, target: hostTarget(), functions, files },
  });
  return built.process.folder;
}

function configured(matched: SizeScores) {
  const each = (
    set: string,
    preset: PresetInput | ((size: string) => PresetInput),
    marked = true,
  ): [string, PresetInput][] =>
    Object.entries(sizes).map(([size, side]) => [
      (set === '' ? '' : `${set}-`) + size,
      {
        ...{ width: side, height: side, watermarks: marked && size !== 'small' ? ['brand'] : [] },
        ...(typeof preset === 'function' ? preset(size) : preset),
      },
    ]);
  return resolveConfig({
    presets: Object.fromEntries([
      ...each('', defaults),
      ...each('fixed', fixed),
      ...each('fast', { ...fixed, effort: { webp: 2 } }),
      ...each('matched', (size) => withScore(matched[size])),
      ...each('lossless', lossless),
      ...each('unmarked', lossless, false),
    ]),
    watermarks: { brand: { type: 'text', text: 'Sluice', scale: 0.2, opacity: 0.7 } },
    // Needed by all presets of all sets in one request, which does not occur.
    process: { memoryMb: 10_240 },
    limits: { decodeTimeoutMs: 120_000 },
  });
}

function withScore(quality: number | undefined): PresetInput {
  return quality === undefined ? defaults : { ...defaults, quality };
}
