import { describe, expect, it } from 'vitest';
import { openGolden, untouched } from './golden.ts';
import { type Input, inputs } from './inputs.ts';
import { hasTool, type Picture } from './oracle.ts';

const { oracle, decode, seen } = openGolden({
  inputs: { avif: true },
  presets: { whole: untouched, small: { width: 90, formats: ['webp', 'jpeg', 'png'] } },
});

// Multiples of 128, for a grid of whole tiles; wider than high.
const size = { width: 384, height: 256 };
const picture = oracle.make('scene', { ...size, detail: 0.25 });
const withAlpha = oracle.make('veiled', { ...size, detail: 0.25 });
const tools = new Set(['cjpeg', 'avifenc'].filter(hasTool));

async function fixture({ writer, options }: Input) {
  const translucent =
    options.alpha === true || 'extras' in options || /alpha|rgba/.test(String(options.colour));
  const from = await (translucent ? withAlpha : picture);
  const pictures = writer === 'tiff' ? { pictures: [from] } : { picture: from };
  const file = await oracle.write(writer, { ...pictures, ...options });
  return { ...file, means: file.means ?? (await oracle.seen(file.bytes)) };
}

function expectLike(a: Picture, b: Picture, decibels: number): Promise<void> {
  return oracle.likeness(a, b).then((likeness) => {
    expect(likeness.decibels, JSON.stringify(likeness)).toBeGreaterThanOrEqual(decibels);
    expect(likeness.alphaMax).toBeLessThanOrEqual(1);
  });
}

describe('an input is read as another decoder reads it', () => {
  it.for(inputs)('another decoder reads the same picture: $name', async (input, { skip }) => {
    skip(input.needs !== undefined && !tools.has(input.needs), `needs ${input.needs}`);
    const { bytes, means } = await fixture(input);
    const { original, variants } = await decode(bytes);
    expect(original).toMatchObject({ ...size, frames: 1, bytes: bytes.length });
    const [whole, ...small] = variants;
    await expectLike(await oracle.seen(whole?.bytes as Buffer), means, input.decibels);
    expect(small.map(({ format, width, height }) => ({ format, width, height }))).toEqual(
      ['webp', 'jpeg', 'png'].map((format) => ({ format, width: 90, height: 60 })),
    );
    for (const { bytes, format } of small)
      expect(await oracle.about(bytes)).toMatchObject({
        format: format.toUpperCase(),
        width: 90,
        height: 60,
        frames: 1,
        metadata: [],
      });
  });
});

describe('a file with more than one image', () => {
  const other = oracle.make('scene', { ...size, seed: 5 });

  it.each([
    ['MPF, the first is taken', false],
    ['Ultra HDR, the picture is taken and not its gain map', true],
  ])('a JPEG of more than one image: %s', async (_, gain_map) => {
    const { bytes } = await oracle.write('mpf', { picture: await picture, second: await other, gain_map });
    await expectLike(await seen(bytes, 'whole'), await oracle.seen(bytes), 45);
    await expectLike(await seen(bytes, 'whole'), await picture, 33);
  });

  it('an APNG is read as its first frame', async () => {
    const { bytes, means } = await oracle.write('apng', { pictures: [await picture, await other] });
    expect(await oracle.about(bytes)).toMatchObject({ frames: 2 });
    expect((await decode(bytes, ['small'])).original.frames).toBe(1);
    await expectLike(await seen(bytes, 'whole'), means as Picture, 80);
  });

  it.each(['strips', 'tiles'])('a TIFF in %s is read as its first page', async (layout) => {
    const pictures = [await picture, await other];
    const { bytes, means } = await oracle.write('tiff', {
      pictures,
      ...(layout === 'tiles' ? { tile: 64 } : {}),
    });
    expect(await oracle.about(bytes)).toMatchObject({ frames: 2 });
    await expectLike(await seen(bytes, 'whole'), means as Picture, 80);
  });
});
