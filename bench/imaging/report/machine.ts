import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';

/** The machine, and the versions. */
export interface Machine {
  processor: string;
  cores: number;
  node: string;
  sharp: string;
}

export function machine(): Machine {
  const { sharp: own = '', vips = '', webp = '', mozjpeg = '' } = sharp.versions as Record<string, string>;
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    sharp: `${own} (libvips ${vips}, libwebp ${webp}, mozjpeg ${mozjpeg})`,
  };
}

/** The result of the startup benchmark for `process`. */
export function recordedStartup(): { importMs: number; codeKb: number } {
  const file = join(import.meta.dirname, '../../startup/result.json');
  const { functions } = JSON.parse(readFileSync(file, 'utf8')) as {
    functions: { process: { ours: { importMs: number; codeKb: number } } };
  };
  return functions.process.ours;
}
