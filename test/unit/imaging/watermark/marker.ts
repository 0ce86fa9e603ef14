import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Inscription, Watermark } from '../../../../lambda/domain/watermark.ts';
import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { Watermarks } from '../../../../lambda/imaging/watermark/watermark.ts';
import './bundled-font.ts';
import { type Pixels, plain } from '../fixtures.ts';

export const acme: Inscription = { tenant: 'acme', year: 2026 };

/** Watermarks in this process, with these files; the folder is removed after the test. */
export function markerOf(marks: Record<string, Watermark>, files: Record<string, Buffer> = {}): Watermarks {
  const root = mkdtempSync(join(tmpdir(), 'sluice-marks-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, bytes] of Object.entries(files)) writeFileSync(join(root, path), bytes);
  return new Watermarks(marks, root);
}

/** A raster of one colour; its length sets 3 or 4 channels. */
export function ground(width: number, height: number, colour: readonly number[]): Raster {
  return rasterOf(plain(width, height, colour));
}

export function rasterOf({ data, width, height, channels }: Pixels): Raster {
  if (channels !== 3 && channels !== 4) throw new Error(`a raster of ${channels} channels`);
  return { data, width, height, channels };
}

/** The smallest box around the pixels in which two pictures differ. */
export function boxOf(a: Pixels, b: Pixels) {
  const box = { left: a.width, top: a.height, right: -1, bottom: -1 };
  for (let at = 0; at < a.data.length; at++) {
    if (a.data[at] === b.data[at]) continue;
    const x = Math.floor(at / a.channels) % a.width;
    const y = Math.floor(at / a.channels / a.width);
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}
