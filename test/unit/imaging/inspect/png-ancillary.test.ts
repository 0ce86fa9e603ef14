import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { spaceOfPng } from '../../../../lambda/imaging/colour/png.ts';
import { measureAncillary } from '../../../../lambda/imaging/inspect/png-inflated.ts';
import { fitting, patience } from '../../../support/pace.ts';
import { draw, quartered } from '../fixtures.ts';
import { openLane } from '../sandbox-folder.ts';
import {
  chunk,
  compressedText,
  internationalText,
  latin1,
  pngWith,
  profileChunk,
  textChunk,
} from './containers.ts';

const mebi = 1024 * 1024;
const { lane, decode, close } = openLane({
  presets: { small: { width: 320 } },
  limits: { maxBytes: 5 * mebi, maxProfileBytes: 100_000 },
  placeholder: 'none',
});
afterAll(close);
const png = await draw(quartered(40, 30)).png().toBuffer();

const text = Buffer.alloc(5_000, 66);
const zeros = Buffer.alloc(45_000_000, 65);

async function measure(file: Buffer, enough = { chunks: 10_000, inflated: 1_000_000 }) {
  return measureAncillary(file, enough);
}

async function inflatedBy(...chunks: Buffer[]): Promise<number> {
  return (await measure(pngWith(png, ...chunks))).inflated;
}

/** A compressed text with a damaged stream. */
function damagedText(content: Buffer, damage: (stream: Buffer) => Buffer): Buffer {
  return chunk('zTXt', Buffer.concat([latin1('a\0\0'), damage(deflateSync(content))]));
}

const withWrongSum = (stream: Buffer) => {
  const last = stream.length - 1;
  return Buffer.concat([stream.subarray(0, last), Buffer.from([(stream[last] as number) ^ 1])]);
};

/** A zlib stream of `length` bytes in stored blocks, followed by a block of an invalid type. */
function brokenAfter(length: number): Buffer {
  const head = Buffer.from([0, 0, 0, 0, 0]);
  head.writeUInt16LE(length, 1);
  head.writeUInt16LE(length ^ 0xffff, 3);
  return Buffer.concat([
    Buffer.from('7801', 'hex'),
    head,
    Buffer.alloc(length, 65),
    Buffer.from([7, 7, 7, 7]),
  ]);
}

/** A PNG with `count` copies of a chunk before the pixels. */
function many(one: Buffer, count: number): Buffer {
  return pngWith(png, Buffer.concat(Array.from({ length: count }, () => one)));
}

describe('compressed chunks of a PNG', () => {
  it(
    'texts that inflate to gigabytes are too_complex, in a child that does not grow',
    async () => {
      const bomb = many(compressedText('a', zeros), 99);
      expect(bomb.length).toBeLessThan(5 * mebi);
      await decode(png);
      const before = peakOf(lane.pid);
      await expect(decode(bomb)).rejects.toMatchObject({ code: 'too_complex' });
      if (before > 0) expect(peakOf(lane.pid) - before).toBeLessThan(60 * mebi);
    },
    patience(60_000),
  );

  it('exactly what libpng would inflate is counted', async () => {
    expect(await inflatedBy()).toBe(0);
    expect(await inflatedBy(textChunk('a', 'x'.repeat(5_000)))).toBe(0);
    expect(await inflatedBy(compressedText('a', text))).toBe(5_000);
    expect(await inflatedBy(internationalText('a', text, true), internationalText('b', text, false))).toBe(
      5_000,
    );
    expect(await inflatedBy(profileChunk('a', text), compressedText('a', text))).toBe(10_000);
    expect(
      await inflatedBy(chunk('zTXt', latin1('no end')), chunk('zTXt', latin1('a\0\0not deflated'))),
    ).toBe(0);
    expect(await inflatedBy(chunk('iTXt', Buffer.concat([latin1('a\0\x01\0en\0'), deflateSync(text)])))).toBe(
      0,
    );
    expect(await inflatedBy(chunk('zTXt', latin1('a\0\0x')))).toBe(0);
    const behind = Buffer.concat([png, compressedText('a', text)]);
    expect((await measure(behind)).inflated).toBe(0);
    expect((await measure(png.subarray(0, 40))).inflated).toBe(0);
  });

  it('texts after the hundredth, which libvips has libpng skip, are not counted', async () => {
    const one = compressedText('a', text);
    expect((await measure(many(one, 100))).inflated).toBe(500_000);
    expect((await measure(many(one, 150))).inflated).toBe(500_000);
  });

  it('a damaged stream counts up to its damaged block', async () => {
    expect(await inflatedBy(damagedText(text, withWrongSum))).toBe(5_000);
    expect(await inflatedBy(damagedText(text, (stream) => stream.subarray(0, -4)))).toBe(5_000);
    for (const length of [300, 5_000, 60_000]) {
      const counted = await inflatedBy(chunk('zTXt', Buffer.concat([latin1('a\0\0'), brokenAfter(length)])));
      expect(counted).toBeGreaterThanOrEqual(length);
      expect(counted).toBeLessThanOrEqual(length + 4096);
    }
  });

  it('texts of ordinary size are accepted', async () => {
    const chunks = [
      compressedText('Comment', Buffer.from('a day out')),
      internationalText('Title', Buffer.from('Ärger'), true),
      damagedText(Buffer.from('damaged on its way'), withWrongSum),
      chunk('zTXt', Buffer.concat([latin1('a\0\0'), brokenAfter(300)])),
    ];
    expect((await decode(pngWith(png, ...chunks))).original.contentType).toBe('image/png');
  });
});

describe('counting what precedes the pixels ends at the limit', () => {
  const enough = { chunks: 1000, inflated: 100_000 };

  it('counting bytes ends at the limit for sound streams, wrong checksums and others', async () => {
    const damages = [
      (stream: Buffer) => stream,
      withWrongSum,
      (stream: Buffer) => stream.subarray(0, -4),
      (stream: Buffer) => Buffer.from(stream).fill(0xff, stream.length - 8),
      () => brokenAfter(60_000),
    ];
    for (const damage of damages) {
      const { inflated, chunks } = await measureAncillary(many(damagedText(zeros, damage), 20), enough);
      expect(inflated).toBeGreaterThan(enough.inflated);
      // One more block, and the damaged one.
      expect(inflated).toBeLessThan(enough.inflated + 3 * 4096);
      expect(chunks, 'the header, and one text or two').toBeLessThanOrEqual(3);
    }
  });

  it('counting chunks ends at the limit, whatever their type', async () => {
    const tiny = [compressedText('a', Buffer.from('b')), textChunk('a', 'b'), chunk('abCd', Buffer.alloc(0))];
    for (const one of tiny) expect((await measureAncillary(many(one, 5_000), enough)).chunks).toBe(1001);
  });

  it('more chunks than tools write are too_complex', async () => {
    const tiny = textChunk('a', 'b');
    await expect(decode(many(tiny, 10_001))).rejects.toMatchObject({
      code: 'too_complex',
      detail: 'The PNG has more than 10000 chunks before its pixels.',
    });
    expect((await decode(many(tiny, 9_000))).original.contentType).toBe('image/png');
  });
});

describe('the cost of counting', () => {
  const sizes = fitting(25_000_000, 5_000_000);
  it.each([
    ['large texts with a wrong sum', () => damagedText(Buffer.alloc(2_000_000, 65), withWrongSum)],
    [
      'texts of 20 kB with a wrong sum',
      () =>
        damagedText(Buffer.from(Array.from({ length: 20_000 }, (_, at) => (at * 7919) >> 5)), withWrongSum),
    ],
    ['tiny texts', () => compressedText('a', Buffer.from('abcd'))],
    ['empty chunks', () => chunk('abCd', Buffer.alloc(0))],
  ])('counting takes less than twice as long as libpng’s own pass over the header: %s', async (_, make) => {
    const one = make();
    const file = many(one, Math.floor(sizes / one.length));
    const limits = { chunks: 10_000, inflated: 4 * mebi };
    const counting = () => measureAncillary(file, limits);
    const header = () =>
      sharp(file)
        .metadata()
        .catch(() => undefined);
    let [ours, theirs] = [Infinity, Infinity];
    // In turns, and the least of each: other processes only ever add to what a run takes.
    for (let round = 0; round < 3 || (round < 12 && ours >= 2 * theirs + shortest); round++) {
      ours = Math.min(ours, await cpuOf(counting));
      theirs = Math.min(theirs, await cpuOf(header));
    }
    expect(ours).toBeLessThan(2 * theirs + shortest);
  });
});

/** Milliseconds of CPU below which the system's clock is too coarse. */
const shortest = 20;

/** Milliseconds of CPU of a run, of all threads. */
async function cpuOf(run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

it('only colour chunks before the pixels are kept, each once', () => {
  const gamma = (value: number) => {
    const data = Buffer.alloc(4);
    data.writeUInt32BE(value);
    return chunk('gAMA', data);
  };
  const space = spaceOfPng(pngWith(png, gamma(100_000), gamma(45_455), textChunk('a', 'b')), false);
  expect(space?.curves[0](0.5)).toBeCloseTo(0.5);
});

/** The peak resident size of a process in bytes; 0 without /proc. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
