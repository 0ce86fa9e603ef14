import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../../lambda/imaging/sandbox/frame.ts';
import { readFrames, sendFrame } from '../../../../lambda/imaging/sandbox/frame-pipe.ts';

/** The bytes of frames as on the pipe. */
async function onThePipe(...frames: { header: unknown; body: Buffer[] }[]): Promise<Buffer> {
  const pipe = new PassThrough();
  for (const { header, body } of frames)
    await new Promise((resolve) => sendFrame(pipe, header, body, resolve));
  return pipe.read() as Buffer;
}

const mostBody = 1000;

/** Reads pieces, then the end. @returns the frames, and why reading ended */
async function read(...pieces: Buffer[]): Promise<{ frames: Frame[]; why: string }> {
  const pipe = new PassThrough();
  const frames: Frame[] = [];
  const ended = new Promise<string>((resolve) =>
    readFrames(
      pipe,
      () => mostBody,
      (frame) => frames.push(frame),
      resolve,
    ),
  );
  for (const piece of pieces) if (!pipe.destroyed) pipe.write(piece);
  pipe.end();
  return { frames, why: await ended };
}

describe('frames on a pipe', () => {
  const header = { name: 'größer', list: [1, 2] };
  const body = [Buffer.from('first '), Buffer.alloc(0), Buffer.from('second')];

  it('frames arrive as they were sent, however the pipe splits them', async () => {
    const bytes = await onThePipe({ header, body }, { header: 'empty', body: [] }, { header, body });
    for (let size = 1; size <= bytes.length; size++) {
      const pieces = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
      const { frames, why } = await read(...pieces);
      expect(why).toBe('closed');
      expect(frames.map((frame) => [frame.header, frame.body.toString()])).toEqual([
        [header, 'first second'],
        ['empty', ''],
        [header, 'first second'],
      ]);
    }
  });

  it('a stream that ends within a frame is distinguished from one that ends between frames', async () => {
    const bytes = await onThePipe({ header, body });
    for (let length = 1; length < bytes.length; length++)
      expect(await read(bytes.subarray(0, length))).toEqual({ frames: [], why: 'closed within a frame' });
  });

  it.each([
    ['without the mark', (bytes: Buffer) => bytes.writeUInt8(0, 0), 'the mark is missing'],
    ['with no header', (bytes: Buffer) => bytes.writeUInt32LE(0, 4), 'a length is out of bounds'],
    ['with a header of 4 GB', (bytes: Buffer) => bytes.writeUInt32LE(0xffffffff, 4), 'a length is out of'],
    ['with a body of 4 GB', (bytes: Buffer) => bytes.writeUInt32LE(0xffffffff, 8), 'a length is out of'],
    [
      'with a body of more than may come',
      (bytes: Buffer) => bytes.writeUInt32LE(1001, 8),
      'a length is out of',
    ],
    ['whose header is no JSON', (bytes: Buffer) => bytes.writeUInt8(0, 12), 'JSON'],
  ])('a frame %s is invalid and closes the pipe', async (_, spoil, why) => {
    const bytes = await onThePipe({ header, body });
    spoil(bytes);
    const got = await read(bytes, await onThePipe({ header, body }));
    expect(got.frames).toEqual([]);
    expect(got.why).toContain(why);
  });

  it('the parts of a frame are written without a copy', () => {
    const pipe = new PassThrough();
    const parts: unknown[] = [];
    pipe.write = ((part: unknown) => parts.push(part)) as unknown as typeof pipe.write;
    sendFrame(pipe, header, body, () => undefined);
    expect(parts.slice(1)).toEqual(body);
    for (const [index, part] of body.entries()) expect(parts[index + 1]).toBe(part);
  });
});
