import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gallery, hasGallery } from './pictures.ts';

/** A file of the gallery with the class that it must end in: `OK`, or a code of a rejection in capitals. */
export interface Indexed {
  file: string;
  bytes: Buffer;
  expected: string;
  /** As a person sees it; NaN where nobody could tell. */
  width: number;
  height: number;
}

/** Where our rules are others than those by which the index was made, and why. */
const differences: Readonly<Record<string, string>> = {
  // Its compressed text inflates to 200 MB, which libpng keeps in memory before the first pixel.
  'odd/synthetic-hostile--ztxt-bomb-200MB.png': 'TOO_COMPLEX',
  // Its colour profile inflates to 100 MB; what says how long it is can lie.
  'odd/synthetic-hostile--iccp-bomb-100MB.png': 'TOO_COMPLEX',
  // Sixteen stray bytes before a segment, and sound pixels: Chromium, Pillow and djpeg show all of it.
  'hostile/pillow--photoshop-200dpi-broken.jpg': 'OK',
  // Its data end within the last rows, where libvips looks no more.
  'odd/synthetic-hostile--cmyk.jpg-054': 'CORRUPT_IMAGE',
  // RGB of 32 bits, of which libvips makes white; Pillow cannot read it.
  'odd/pillow--hopper_unknown_pixel_mode.tif': 'CORRUPT_IMAGE',
  // A changed bit made it end four pixels early: Pillow and Chromium's ImageDecoder refuse it, an <img> has a hole.
  'odd/synthetic-hostile--b.gif-086': 'CORRUPT_IMAGE',
  // Their major brands are damaged, and more: AVIF by another brand, of which the codec can read nothing.
  'hostile/synthetic-hostile--b.avif-051': 'CORRUPT_IMAGE',
  'hostile/synthetic-hostile--b.avif-026': 'CORRUPT_IMAGE',
};

/** All files of the gallery, in the order of its index; none where there is no gallery. */
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

/** True for what begins as AVIF does, whatever its name. */
export function beginsLikeAvif({ bytes }: Indexed): boolean {
  return bytes.toString('latin1', 4, 12) === 'ftypavif';
}
