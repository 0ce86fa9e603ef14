import { join } from 'node:path';
import { buildFunctions } from '../../lib/bundling/build.ts';
import { hostTarget } from '../../lib/bundling/target.ts';
import { resolveConfig } from '../../lib/config/resolve.ts';

const projectRoot = join(import.meta.dirname, '../..');
const sizes = { large: 1600, medium: 800, small: 320 };
export const sizeNames = Object.keys(sizes) as (keyof typeof sizes)[];

/** Sets of presets of three sizes; a preset is named `<set>-<size>`, or by its size alone for the default set. */
export const presetSets = {
  /** As out of the box: WebP and JPEG, a text on large and medium. */
  balanced: sizeNames.join(),
  /** The same with WebP's effort at 2. */
  fast: sizeNames.map((name) => `fast-${name}`).join(),
  /** Lossless and unmarked: the pixels before encoding. */
  exact: sizeNames.map((name) => `exact-${name}`).join(),
  bare: sizeNames.map((name) => `bare-${name}`).join(),
  'bare-fast': sizeNames.map((name) => `bare-fast-${name}`).join(),
};

/**
 * Builds the functions as they are deployed, with the presets that the benchmark needs.
 * @returns the folder of `process`
 */
export function buildProcess(outDir: string): string {
  const each = <P>(prefix: string, preset: (side: number, name: string) => P): [string, P][] =>
    Object.entries(sizes).map(([name, side]) => [prefix + name, preset(side, name)]);
  const box = (side: number) => ({ width: side, height: side });
  const marks = (name: string) => ({ watermarks: name === 'small' ? [] : ['brand'] });
  const config = resolveConfig({
    presets: Object.fromEntries([
      ...each('', (side, name) => ({ ...box(side), ...marks(name) })),
      ...each('fast-', (side, name) => ({ ...box(side), ...marks(name), profile: 'fast' as const })),
      ...each('exact-', (side) => ({ ...box(side), formats: ['png' as const], effort: { png: 1 } })),
      ...each('bare-', (side) => ({ ...box(side), formats: ['webp' as const] })),
      ...each('bare-fast-', (side) => ({
        ...box(side),
        formats: ['webp' as const],
        profile: 'fast' as const,
      })),
    ]),
    watermarks: { brand: { type: 'text', text: 'Sluice', scale: 0.2, opacity: 0.7 } },
    // Needed by all presets of all sets in one request, which does not occur.
    process: { memoryMb: 10_240 },
    limits: { decodeTimeoutMs: 120_000 },
  });
  const built = buildFunctions({ config, projectRoot, outDir, target: hostTarget() });
  return built.process.folder;
}
