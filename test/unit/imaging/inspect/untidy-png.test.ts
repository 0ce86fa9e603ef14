import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { noise } from '../fixtures.ts';
import { made, pixelsOf } from '../in-process.ts';
import { chunk, latin1, textChunk } from './containers.ts';

const presets = { whole: { width: 40, formats: ['png' as const] } };
const sound = noise(40, 30);
const { data, width, height } = sound;
const row = width * 3;
/** The rows, each preceded by the filter "none". */
const rows = Buffer.concat(
  Array.from({ length: height }, (_, y) =>
    Buffer.concat([Buffer.alloc(1), data.subarray(y * row, (y + 1) * row)]),
  ),
);
const deflated = deflateSync(rows);
const header = Buffer.alloc(13);
header.writeUInt32BE(width);
header.writeUInt32BE(height, 4);
header.set([8, 2], 8);

interface Parts {
  before?: Buffer[];
  stream?: Buffer;
  behind?: Buffer[];
}

function pngOf({ before = [], stream = deflated, behind = [chunk('IEND', Buffer.alloc(0))] }: Parts): Buffer {
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, chunk('IHDR', header), ...before, chunk('IDAT', stream), ...behind]);
}

/** The chunk with one wrong bit in its checksum. */
function spoilt(one: Buffer): Buffer {
  const copy = Buffer.from(one);
  copy[copy.length - 1] = (copy[copy.length - 1] as number) ^ 1;
  return copy;
}

/** Faults that libpng warns of and ignores. */
const untidy: Record<string, Parts> = {
  'a text with a wrong checksum': { before: [spoilt(textChunk('a', 'b'))] },
  'a gamma with a wrong checksum': { before: [spoilt(chunk('gAMA', Buffer.from([0, 1, 0x86, 0xa0])))] },
  'a profile of nonsense': { before: [chunk('iCCP', latin1('a\0\0zzzz'))] },
  'a size of pixels that is too short': { before: [chunk('pHYs', Buffer.alloc(3))] },
  'a text without NUL': { before: [chunk('tEXt', latin1('abc'))] },
  'a transparent colour of half its length': { before: [chunk('tRNS', Buffer.alloc(3))] },
  'a palette that is too long': { before: [chunk('PLTE', Buffer.alloc(3 * 257))] },
  'EXIF of nonsense': { before: [chunk('eXIf', latin1('junk'))] },
  'no end': { behind: [] },
  'something behind its end': { behind: [chunk('IEND', Buffer.alloc(0)), Buffer.alloc(100, 7)] },
  'bytes behind its compressed pixels': { stream: Buffer.concat([deflated, Buffer.alloc(9, 1)]) },
};
const damage: Record<string, Buffer> = {
  'a wrong sum of its pixels': spoilt(deflated),
  'pixels that are cut off': deflated.subarray(0, -60),
  'pixels that are overwritten': Buffer.from(deflated).fill(0xff, 500, 540),
};

async function outcomeOf(png: Buffer): Promise<unknown> {
  return made(png, presets).then(
    (decoded) => pixelsOf(decoded, 'whole.png'),
    (error: unknown) => error,
  );
}

describe('an untidy PNG', () => {
  it.each(Object.entries(untidy))('a PNG with sound pixels and %s is read', async (_, parts) => {
    expect(await outcomeOf(pngOf(parts))).toEqual(sound);
  });

  it.each(Object.entries(damage))('a PNG with %s is refused, whatever else is unusual', async (_, stream) => {
    const odd: Record<string, Parts> = { 'nothing else': {}, ...untidy };
    for (const [name, parts] of Object.entries(odd))
      expect(await outcomeOf(pngOf({ ...parts, stream })), name).toMatchObject({ code: 'corrupt_image' });
  });
});
