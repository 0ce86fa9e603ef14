import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { source } from '../cache.ts';
import { pixelsOf } from '../measures/fidelity.ts';
import { type Floor, floorCommand } from '../peers/floor.ts';
import type { Peer } from '../peers/peer.ts';
import { type Format, lossless, outputsWith, type Qualities, type Task, writeVariant } from '../task.ts';
import { type Places, plain, sluice } from '../ways/ways.ts';
import type { Command } from '../ways/worker.ts';
import type { Scene } from './scene.ts';

/** A way whose qualities can be searched, until it has the scores of Sluice's defaults. */
export interface Tunable {
  name: string;
  label: string;
  /** The format of each size beside JPEG; by default that of Sluice's defaults. */
  format?: Format;
  /** What its numbers depend on, beside the pixels and the scores. */
  depends: string;
  /** Its process, with these qualities. */
  command(qualities: Qualities): Promise<Command>;
  pixels: Pixels;
}

/** A process that makes the very pixels that a way encodes, marks included. Ways with the same ones share the name. */
export interface Pixels {
  name: string;
  command: Command;
}

export function sluicePixels({ places }: Scene): Pixels {
  return { name: 'sluice', command: sluice(places, 'lossless', 'in-process') };
}

export function plainPixels(scene: Scene): Pixels {
  return { name: 'plain', command: plain(losslessPlaces(scene)) };
}

export function peerPixels(peer: Peer, scene: Scene): Pixels {
  return { name: peer.name, command: peer.command(losslessPlaces(scene)) };
}

function losslessPlaces({ task, folder, places }: Scene): Places {
  return { ...places, task: writeVariant(task, folder, 'lossless', lossless) };
}

/** Six plain pipelines with the scores of Sluice's defaults; in the formats of sharp's users unless another is named. */
export function plainEqual(scene: Scene, format: Format | undefined): Tunable {
  return tasked(scene, plain, {
    name: format === undefined ? 'plain-equal-same' : 'plain-equal',
    label: `six plain sharp pipelines at equal score, ${named(format)}`,
    depends: `${JSON.stringify(sharp.versions)} ${source('ways/plain.ts')}`,
    pixels: plainPixels(scene),
    ...(format === undefined ? {} : { format }),
  });
}

export function peerEqual(peer: Peer, scene: Scene, format: Format | undefined): Tunable {
  const scripts = ['peers/commands.ts', '../peers/pillow.py', '../peers/command.py'];
  return tasked(scene, (places) => peer.command(places), {
    name: `${peer.name}-equal${format === undefined ? '' : `-${format}`}`,
    label: `${peer.label.split(/[:,]/)[0]} at equal score, ${named(format)}`,
    depends: [peer.version, ...scripts.map(source)].join(),
    pixels: peerPixels(peer, scene),
    ...(format === undefined ? {} : { format }),
  });
}

const named = (format: Format | undefined) =>
  format === undefined ? 'Sluice’s formats' : `${format === 'webp' ? 'WebP' : 'AVIF'} and JPEG`;

/** A way whose qualities are those of its task. */
function tasked(
  { task, folder, places }: Scene,
  command: (places: Places) => Command,
  way: Pick<Tunable, 'name' | 'label' | 'depends' | 'pixels' | 'format'>,
): Tunable {
  return {
    ...way,
    command: async (qualities) =>
      command({ ...places, task: writeVariant(task, folder, way.name, outputsWith(qualities)) }),
  };
}

/** The codecs alone, with the very pixels that Sluice encodes. `exact` is the folder with them as PNG. */
export function floorEqual(floor: Floor, scene: Scene, exact: string): Tunable {
  const { photograph, task, folder } = scene;
  const { path, targets } = task.photographs[photograph.name] as Task['photographs'][string];
  return {
    name: 'floor',
    label: 'the codecs alone, in C, at equal score, Sluice’s formats',
    depends: `${floor.version} ${floor.program}`,
    pixels: sluicePixels(scene),
    async command(qualities) {
      const variants = [];
      for (const target of targets) {
        const { preset } = target;
        const raw = join(folder, `${preset}.rgb`);
        const { data, width, height } = await pixelsOf(join(exact, `${preset}.png`));
        writeFileSync(raw, data);
        for (const output of outputsWith(qualities)(target))
          variants.push({ ...output, preset, width, height, path: raw });
      }
      const largest = targets[0]?.width ?? photograph.width;
      const denominator = [8, 4, 2, 1].find((scale) => photograph.width / scale >= largest) ?? 1;
      return floorCommand(floor, path, denominator, variants);
    },
  };
}
