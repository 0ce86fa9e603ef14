import { describe, expect, it } from 'vitest';
import { fieldsOfTiff, tag } from '../../../../lambda/imaging/inspect/tiff-tags.ts';
import { draw, noise, plain } from '../fixtures.ts';
import { made, pixelsOf } from '../in-process.ts';

const presets = { whole: { width: 600, formats: ['png' as const] } };

async function tiled(picture: Parameters<typeof draw>[0], side: number): Promise<Buffer> {
  return draw(picture)
    .tiff({ compression: 'jpeg', tile: true, tileWidth: side, tileHeight: side })
    .toBuffer();
}

/** The file with an end-of-image marker in the middle of a tile. */
function brokenOff(tiff: Buffer, index: number): Buffer {
  const fields = fieldsOfTiff(tiff, [tag.tileOffsets, tag.tileByteCounts], 100);
  const [offset = 0, count = 0] = [tag.tileOffsets, tag.tileByteCounts].map(
    (id) => fields.get(id)?.values[index],
  );
  const copy = Buffer.from(tiff);
  copy.set([0xff, 0xd9], offset + (count >> 1));
  return copy;
}

describe.each([64, 256])('a TIFF in tiles of JPEG, %i pixels a side', (side) => {
  it('a TIFF in JPEG tiles is read', async () => {
    const { original } = await made(await tiled(noise(600, 300), side), presets);
    expect(original).toMatchObject({ width: 600, height: 300 });
  });

  it('a TIFF with a damaged JPEG tile is refused, although libvips does not report it', async () => {
    const sound = await tiled(noise(600, 300), side);
    for (const index of [0, 3, 5])
      await expect(made(brokenOff(sound, index), presets), `tile ${index}`).rejects.toMatchObject({
        code: 'corrupt_image',
        detail: 'The TIFF ends before the image is complete.',
      });
  });
});

it('JPEG tiles with tables of their own are read', async () => {
  const colour = [180, 90, 30];
  const decoded = await made(await tiled(plain(200, 200, colour), 64), presets);
  const { data } = await pixelsOf(decoded, 'whole.png');
  for (const [channel, value] of colour.entries())
    expect(Math.abs((data[channel] as number) - value)).toBeLessThan(4);
});

it('too many JPEG tiles to check are refused as unsupported', async () => {
  const tiff = await tiled(plain(16 * 71, 16 * 71, [1, 2, 3]), 16);
  await expect(made(tiff, presets)).rejects.toMatchObject({
    code: 'corrupt_image',
    detail: 'The TIFF is of a rare kind that is not supported: it has more than 5000 tiles of JPEG.',
  });
});
