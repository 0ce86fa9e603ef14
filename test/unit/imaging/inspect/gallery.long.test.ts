import { afterAll, describe, expect, it } from 'vitest';
import { Rejection } from '../../../../lambda/domain/failure.ts';
import { beginsLikeAvif, indexedFiles } from '../../../support/gallery-index.ts';
import { hasGallery } from '../../../support/pictures.ts';
import { defaultConfig, openLane } from '../sandbox-folder.ts';

const files = indexedFiles();

/** The class of an image in the terms of the index. */
async function classOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'OK';
  } catch (error) {
    return error instanceof Rejection ? error.code.toUpperCase() : String(error);
  }
}

describe.skipIf(!hasGallery)('the gallery (skipped without ../shared/images)', () => {
  const { lane, decode, close } = openLane(
    // The maximum side assumed by the index.
    { ...defaultConfig, inputs: { avif: true }, limits: { maxSide: 16_384 } },
    { recycleAfter: 1000 },
  );
  afterAll(close);

  it.each(['photos', 'orientation', 'odd', 'hostile'])('%s ends as its index says', async (folder) => {
    const of = files.filter(({ file }) => file.startsWith(`${folder}/`));
    expect(of.length).toBeGreaterThan(9);
    const first = lane.pid;
    const wrong: object[] = [];
    for (const { file, bytes, expected, width, height } of of) {
      const work = decode(bytes, ['medium', 'small']);
      const is = await classOf(work);
      if (is !== expected) wrong.push({ file, is, expected });
      else if (expected === 'OK') expect((await work).original, file).toMatchObject({ width, height });
    }
    expect(wrong).toEqual([]);
    expect(lane.pid, 'none of them broke the decoder').toBe(first);
  });
});

describe.skipIf(!hasGallery)('AVIF files of the gallery with the default configuration', () => {
  it('AVIF files are refused by name', async () => {
    const { decode, close } = openLane(defaultConfig);
    afterAll(close);
    const avifs = files.filter(beginsLikeAvif);
    expect(avifs.length).toBeGreaterThan(10);
    for (const { file, bytes } of avifs)
      expect({ file, is: await decode(bytes).catch(String) }).toEqual({
        file,
        is: 'Rejection: unsupported_type: The file is AVIF. Accepted are JPEG, PNG, WebP, GIF, TIFF.',
      });
  });
});
