import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gallery, hasGallery } from './pictures.ts';

/** A file of the gallery with its expected class: `OK`, or the code of a rejection in capitals. */
export interface Indexed {
  file: string;
  bytes: Buffer;
  expected: string;
  /** As displayed; NaN if it is unknown. */
  width: number;
  height: number;
}

/** Where our rules differ from those of the index, and why. */
const differences: Readonly<Record<string, string>> = {
  // Its compressed text inflates to 200 MB, which libpng keeps in memory before the first pixel.
  'odd/synthetic-hostile--ztxt-bomb-200MB.png': 'TOO_COMPLEX',
  // Its colour profile inflates to 100 MB; its declared length may be false.
  'odd/synthetic-hostile--iccp-bomb-100MB.png': 'TOO_COMPLEX',
  // Sixteen stray bytes before a segment, and intact pixels: Chromium, Pillow and djpeg show all of it.
  'hostile/pillow--photoshop-200dpi-broken.jpg': 'OK',
  // Its data end within the last rows, which libvips does not read.
  'odd/synthetic-hostile--cmyk.jpg-054': 'CORRUPT_IMAGE',
  // RGB of 32 bits, which libvips decodes as white; Pillow cannot read it.
  'odd/pillow--hopper_unknown_pixel_mode.tif': 'CORRUPT_IMAGE',
  // A changed bit ends it four pixels early: Pillow and Chromium's ImageDecoder refuse it, an <img> shows a gap.
  'odd/synthetic-hostile--b.gif-086': 'CORRUPT_IMAGE',
  // Their major brands are damaged: AVIF by another brand, which the codec cannot read.
  'hostile/synthetic-hostile--b.avif-051': 'CORRUPT_IMAGE',
  'hostile/synthetic-hostile--b.avif-026': 'CORRUPT_IMAGE',
};

/** All files of the gallery, in the order of its index; none without a gallery. */
export function indexedFiles(): Indexed[] {
  if (!hasGallery) return [];
  const [, ...rows] = readFileSync(join(gallery, 'INDEX.tsv'), 'utf8').trim().split('\n');
  return rows.map((row) => {
    const [file = '', , , expected = '', stored, across, orientation] = row.split('\t');
    const [width, height] = Number(orientation) >= 5 ? [across, stored] : [stored, across];
    return {
      file,
      bytes: readFileSync(join(gallery, file)),
      expected: differences[file] ?? expected,
      width: Number(width),
      height: Number(height),
    };
  });
}

/** Whether the bytes begin like AVIF, whatever the file's name. */
export function beginsLikeAvif({ bytes }: Indexed): boolean {
  return bytes.toString('latin1', 4, 12) === 'ftypavif';
}
