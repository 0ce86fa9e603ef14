import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from '../encode.ts';
import { readPpm, writePpm } from '../judges/ppm.ts';
import { type Picture, type Size, type Sized, sized } from '../pictures/pictures.ts';
import type { Measured, Sample } from '../samples.ts';
import type { Scope, Setting } from '../settings.ts';

/** A measured picture whose encoded files and pixels lie in `folder` until they are judged. */
export interface Encoded extends Omit<Measured, 'samples'> {
  folder: string;
  /** Whether the second judge is asked too. */
  twice: boolean;
  entries: { setting: Setting; level: number; sample: Sample; digest: string }[];
}

/** What took longer than this in ms at first is not encoded again: its own noise is small. */
const longEnoughMs = 200;

export const referenceFile = 'reference.ppm';
export const encodedFile = (setting: string, level: number): string => `${setting}-${level}`;

/** Draws all pictures at all sizes, writes their pixels below `folder`, and lists what is to be encoded. */
export async function prepare(
  pictures: readonly Picture[],
  settings: readonly Setting[],
  sizes: readonly Size[],
  folder: string,
  say: (line: string) => void,
): Promise<Encoded[]> {
  const prepared: Encoded[] = [];
  const quietly = throttled(say);
  for (const [at, picture] of pictures.entries()) {
    quietly(`Drawing picture ${at + 1} of ${pictures.length}: ${picture.name}`);
    for (const one of await sized(picture, sizes)) prepared.push(entryOf(one, settings, folder));
  }
  return prepared;
}

/**
 * Encodes everything in turns, so that all settings share what else the machine does. Every other round is reversed.
 * @returns encodes whose bytes differed from those of the first round
 */
export async function time(
  encoded: readonly Encoded[],
  rounds: number,
  say: (line: string) => void,
): Promise<number> {
  const quietly = throttled(say);
  let changed = 0;
  await warmUp(encoded);
  for (let round = 0; round < rounds; round++) {
    for (const [at, one] of encoded.entries()) {
      const raster = readPpm(join(one.folder, referenceFile));
      for (const entry of round % 2 === 0 ? one.entries : one.entries.toReversed()) {
        const { setting, level, sample } = entry;
        if (round > 0 && (sample.cpuMs[0] ?? 0) > longEnoughMs) continue;
        quietly(
          `Encoding, round ${round + 1} of ${rounds}: ${at + 1} of ${encoded.length}, ${one.picture} at ${one.size} px, ${setting.label}`,
        );
        const { bytes, cpuMs } = await encode(raster, setting.encoder, level);
        sample.cpuMs.push(cpuMs);
        const digest = createHash('sha1').update(bytes).digest('base64');
        if (round === 0) {
          sample.bytes = bytes.length;
          entry.digest = digest;
          writeFileSync(join(one.folder, encodedFile(setting.name, level)), bytes);
        } else if (digest !== entry.digest) changed++;
      }
    }
  }
  return changed;
}

/** Each setting once on the smallest picture: the first use of an encoder loads its code. */
async function warmUp(encoded: readonly Encoded[]): Promise<void> {
  const smallest = encoded.toSorted((a, b) => a.width * a.height - b.width * b.height)[0];
  if (smallest === undefined) return;
  const raster = readPpm(join(smallest.folder, referenceFile));
  for (const setting of new Set(smallest.entries.map((entry) => entry.setting)))
    await encode(raster, setting.encoder, setting.ladder[0] as number);
}

function entryOf({ picture, size, raster }: Sized, settings: readonly Setting[], root: string): Encoded {
  const folder = join(root, `${picture.name}-${size}`);
  mkdirSync(folder, { recursive: true });
  writePpm(join(folder, referenceFile), raster);
  const entries = settings
    .filter(({ scope }) => isMeasured(picture, size, scope))
    .flatMap((setting) =>
      setting.ladder.map((level) => ({
        setting,
        level,
        sample: { setting: setting.name, level, bytes: 0, cpuMs: [], score: Number.NaN },
        digest: '',
      })),
    );
  const { name, kind, source, twice } = picture;
  const { width, height } = raster;
  return { picture: name, kind, source, twice, size, width, height, folder, entries };
}

function isMeasured({ kind, first }: Picture, size: Size, { all, only, upTo }: Scope = {}): boolean {
  if (upTo !== undefined && size > upTo) return false;
  if (only !== undefined && !only.includes(kind)) return false;
  return all === undefined || first || all.includes(kind);
}

/** Says a line, and no other within the next five seconds. */
export function throttled(say: (line: string) => void): (line: string) => void {
  let told = Number.NEGATIVE_INFINITY;
  return (line) => {
    if (performance.now() - told < 5000) return;
    told = performance.now();
    say(line);
  };
}
