import { describe, expect, it } from 'vitest';
import { CopyFrames } from '../../../lambda/postgres/connection/copy-frames.ts';

/** A message of the protocol: a letter, its length with these four bytes, the content. */
function message(type: string, content = ''): Buffer {
  const bytes = Buffer.from(content);
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
}

const rows = ['1,a', '2,"b\nc"', '', '3,"d ""e"" €"', 'x'.repeat(300)];
const ending = Buffer.concat([message('C', 'COPY 5\0'), message('Z', 'I')]);
const copy = Buffer.concat([
  message('H', '\0\0\0'),
  ...rows.flatMap((row, at) => [message('d', `${row}\n`), ...(at === 1 ? [message('N', 'notice')] : [])]),
  message('c'),
  ending,
]);

/** Reads the bytes in chunks that end at these places. Chunks are copies: they are overwritten. */
function readIn(chunks: readonly Buffer[]): { text: string; rows: number; rest: Buffer } {
  const frames = new CopyFrames();
  let text = Buffer.alloc(0);
  for (const [at, chunk] of chunks.entries()) {
    const { records, rest } = frames.read(Buffer.from(chunk));
    text = Buffer.concat([text, records]);
    if (rest !== undefined)
      return {
        text: text.toString(),
        rows: frames.rows,
        rest: Buffer.concat([rest, ...chunks.slice(at + 1)]),
      };
  }
  return { text: text.toString(), rows: frames.rows, rest: Buffer.alloc(0) };
}

const expected = { text: rows.map((row) => `\r\n${row}`).join(''), rows: 5, rest: ending };

describe('the messages of a COPY', () => {
  it('become records with CRLF before each, and the rest is given back', () => {
    expect(readIn([copy])).toEqual(expected);
  });

  it('are read the same wherever they are split in two', () => {
    for (let at = 1; at < copy.length; at += 1)
      expect(readIn([copy.subarray(0, at), copy.subarray(at)]), `split at ${at}`).toEqual(expected);
  });

  it.each([1, 2, 3, 5, 7, 64])('are read the same in chunks of %i bytes', (size) => {
    const chunks = Array.from({ length: Math.ceil(copy.length / size) }, (_, at) =>
      copy.subarray(at * size, (at + 1) * size),
    );
    expect(readIn(chunks)).toEqual(expected);
  });

  it('end at an error, which is given back whole', () => {
    const error = message('E', 'SERROR\0C57014\0\0');
    const chunks = [Buffer.concat([message('H'), message('d', '1\n'), error])];
    expect(readIn(chunks)).toEqual({ text: '\r\n1', rows: 1, rest: error });
  });

  describe('with a key as the first column', () => {
    const keyed = Buffer.concat([
      message('H', '\0\0\0'),
      ...rows.map((row, at) => message('d', `k${at},${row}\n`)),
      message('c'),
      ending,
    ]);
    const read = (chunks: readonly Buffer[]) => {
      const frames = new CopyFrames(2);
      let text = '';
      const keys = new Set<string | undefined>();
      for (const chunk of chunks) {
        text += frames.read(Buffer.from(chunk)).records.toString('latin1');
        keys.add(frames.lastKey);
      }
      return { text: Buffer.from(text, 'latin1').toString(), rows: frames.rows, keys, last: frames.lastKey };
    };
    const whole = { text: expected.text, rows: 5, last: 'k4' };

    it('give the records without it, and the last one, wherever they are split', () => {
      expect(read([keyed])).toMatchObject(whole);
      const upTo = keyed.length - ending.length;
      for (let at = 1; at < upTo; at += 1)
        expect(read([keyed.subarray(0, at), keyed.subarray(at, upTo)]), `split at ${at}`).toMatchObject(
          whole,
        );
    });

    it('give the key of whole rows only', () => {
      const bytes = Array.from({ length: keyed.length - ending.length }, (_, at) =>
        keyed.subarray(at, at + 1),
      );
      const { keys, ...rest } = read(bytes);
      expect(rest).toEqual(whole);
      expect(keys).toEqual(new Set([undefined, 'k0', 'k1', 'k2', 'k3', 'k4']));
    });

    it('give none before the first row', () => {
      expect(read([keyed.subarray(0, 19)]).last).toBeUndefined();
    });
  });
});
