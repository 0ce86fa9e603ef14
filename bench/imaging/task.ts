import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Photograph } from './photographs/photographs.ts';

/** The three default sizes: the side of the bounding box, and whether a watermark is on it. */
const sizes = [
  { preset: 'large', side: 1600, marked: true },
  { preset: 'medium', side: 800, marked: true },
  { preset: 'small', side: 320, marked: false },
] as const;

/** A drawn watermark with its position: drawing it is not part of the comparison. */
export interface Mark {
  /** Straight RGBA, 8 bits, without a header. */
  rgba: string;
  png: string;
  width: number;
  height: number;
  left: number;
  top: number;
}

export type Format = 'webp' | 'jpeg' | 'avif' | 'png';

/** A file of a size. PNG is for the pixels themselves: its quality is ignored. */
export interface Output {
  format: Format;
  quality: number;
}

/** One size of a photograph, and what it becomes. In pixels. */
export interface Target {
  preset: string;
  width: number;
  height: number;
  mark?: Mark;
  outputs: Output[];
}

/** The task file of a way: each photograph by name, and its variants. WebP has method 4, AVIF the fastest effort. */
export interface Task {
  photographs: Record<string, { path: string; targets: Target[] }>;
}

/** A quality for each variant, by `<preset>.<format>`. */
export type Qualities = Record<string, number>;

/** As sharp does it where nothing is said. */
const usual: Output[] = [
  { format: 'webp', quality: 80 },
  { format: 'jpeg', quality: 80 },
];

/** Writes the marks to `folder` and returns the task for these photographs. */
export async function writeTask(photographs: readonly Photograph[], folder: string): Promise<Task> {
  mkdirSync(folder, { recursive: true });
  const task: Task = { photographs: {} };
  for (const { name, path, width, height } of photographs) {
    const targets: Target[] = [];
    for (const { preset, side, marked } of sizes) {
      const scale = Math.min(1, side / width, side / height);
      const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
      targets.push({
        preset,
        ...size,
        ...(marked ? { mark: await writeMark(size, folder) } : {}),
        outputs: usual,
      });
    }
    task.photographs[name] = { path, targets };
  }
  writeFileSync(taskFile(folder), JSON.stringify(task));
  return task;
}

export const taskFile = (folder: string, name?: string): string =>
  join(folder, `${name === undefined ? 'task' : `task-${name}`}.json`);

/**
 * Writes the same task with other outputs next to it, or without its marks.
 * @returns its file
 */
export function writeVariant(
  task: Task,
  folder: string,
  name: string,
  outputs: (target: Target) => Output[],
  marked = true,
): string {
  const photographs = Object.entries(task.photographs).map(([photograph, { path, targets }]) => {
    const others = targets.map((target) => {
      const { mark, ...rest } = target;
      return { ...rest, ...(marked && mark !== undefined ? { mark } : {}), outputs: outputs(target) };
    });
    return [photograph, { path, targets: others }];
  });
  const file = taskFile(folder, name);
  writeFileSync(file, JSON.stringify({ photographs: Object.fromEntries(photographs) }));
  return file;
}

/** The pixels themselves, one file a size. */
export const lossless = (): Output[] => [{ format: 'png', quality: 100 }];

/** The outputs of a size that `qualities` names, in its order. */
export function outputsWith(qualities: Qualities): (target: Target) => Output[] {
  return ({ preset }) =>
    Object.entries(qualities).flatMap(([variant, quality]) => {
      const [size, format] = variant.split('.');
      return size === preset ? [{ format: format as Format, quality }] : [];
    });
}

/** A fifth of the width, 3 % from the south east, half transparent with soft edges, like a text with its shadow. */
async function writeMark(variant: { width: number; height: number }, folder: string): Promise<Mark> {
  const width = Math.round(variant.width / 5);
  const height = Math.round(width / 3);
  const data = Buffer.alloc(width * height * 4, 255);
  for (let at = 0; at < width * height; at++) {
    const stroke =
      Math.sin(((at % width) / width) * 40) * Math.sin((Math.floor(at / width) / height) * Math.PI);
    data[at * 4 + 3] = Math.max(0, stroke) * 0.7 * 255;
  }
  const rgba = join(folder, `mark-${width}.rgba`);
  const png = join(folder, `mark-${width}.png`);
  writeFileSync(rgba, data);
  await sharp(data, { raw: { width, height, channels: 4 } }).toFile(png);
  const margin = Math.round(Math.min(variant.width, variant.height) * 0.03);
  return {
    rgba,
    png,
    width,
    height,
    left: variant.width - width - margin,
    top: variant.height - height - margin,
  };
}
