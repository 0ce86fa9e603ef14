import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Rejection } from '../../../lambda/domain/failure.ts';
import { gallery, hasGallery } from '../../support/pictures.ts';
import { defaultConfig, openLane } from './decoder-folder.ts';

const rows = hasGallery
  ? readFileSync(join(gallery, 'INDEX.tsv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => row.split('\t'))
      .map(([file = '', , , expected = '', width, height, orientation]) => ({
        file,
        expected,
        ...(Number(orientation) >= 5
          ? { width: Number(height), height: Number(width) }
          : { width: Number(width), height: Number(height) }),
      }))
  : [];

/** The class of an image in the index's own words. */
async function classOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'OK';
  } catch (error) {
    return error instanceof Rejection ? error.code.toUpperCase() : String(error);
  }
}

describe.skipIf(!hasGallery)('each file of the gallery (skipped without ../shared/images)', () => {
  const { lane, decode, close } = openLane(defaultConfig, { recycleAfter: 1000 });
  afterAll(close);

  it.each(['photos', 'orientation', 'odd', 'hostile'])('%s ends as the index says', async (folder) => {
    const of = rows.filter(({ file }) => file.startsWith(`${folder}/`));
    expect(of.length).toBeGreaterThan(9);
    const first = lane.pid;
    for (const { file, expected, width, height } of of) {
      const work = decode(readFileSync(join(gallery, file)), ['medium', 'small']);
      expect({ file, is: await classOf(work) }).toEqual({ file, is: expected });
      if (expected === 'OK') expect((await work).original, file).toMatchObject({ width, height });
    }
    expect(lane.pid, 'none of them broke the decoder').toBe(first);
  });
});
