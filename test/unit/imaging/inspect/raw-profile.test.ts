import { describe, expect, it } from 'vitest';
import { draw, quartered, storedAs } from '../fixtures.ts';
import { made, pixelsOf } from '../in-process.ts';
import { chunk, compressedText, latin1, pngWith, short, textChunk, tiffFile } from './containers.ts';

const presets = { whole: { width: 60, formats: ['png' as const] } };
const upright = quartered(60, 40);
const exif = (orientation: number) => tiffFile({ chain: [[short(274, orientation)]] });
const raw = (block: Buffer, kind = 'exif') =>
  `\n${kind}\n${String(block.length).padStart(8)}\n${block.toString('hex').replace(/.{72}/g, '$&\n')}\n`;

async function seen(orientation: number, ...chunks: Buffer[]) {
  const png = await draw(storedAs(upright, orientation)).png().toBuffer();
  const decoded = await made(pngWith(png, ...chunks), presets);
  return pixelsOf(decoded, 'whole.png');
}

describe('EXIF in a text chunk of a PNG', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF in a text turns the picture: %i', async (orientation) => {
    const text = compressedText('Raw profile type exif', latin1(raw(exif(orientation))));
    expect(await seen(orientation, text)).toEqual(upright);
  });

  it.each([
    ['uncompressed', (block: Buffer) => textChunk('Raw profile type exif', raw(block))],
    [
      'with the prefix that it has in a JPEG',
      (block: Buffer) => textChunk('Raw profile type exif', raw(Buffer.concat([latin1('Exif\0\0'), block]))),
    ],
    [
      'under the name of the segment',
      (block: Buffer) =>
        textChunk(
          'Raw profile type APP1',
          raw(Buffer.concat([latin1('Exif\0\0'), block]), 'generic profile'),
        ),
    ],
  ])('EXIF in a text is read %s', async (_, text) => {
    expect(await seen(6, text(exif(6)))).toEqual(upright);
  });

  it('the eXIf chunk takes precedence over EXIF in a text', async () => {
    const text = textChunk('Raw profile type exif', raw(exif(3)));
    expect(await seen(6, chunk('eXIf', exif(6)), text)).toEqual(upright);
  });

  it.each([
    ['nothing', ''],
    ['no hexadecimal', '\nexif\n 8\nzzzz\n'],
    ['an orientation that there is not', raw(exif(9))],
    ['XMP', raw(latin1('http://ns.adobe.com/xap/1.0/\0<x/>'))],
    ['a directory that is cut off', raw(exif(6).subarray(0, 9))],
  ])('a text that holds %s is ignored', async (_, text) => {
    expect(await seen(1, textChunk('Raw profile type exif', text))).toEqual(upright);
  });
});
