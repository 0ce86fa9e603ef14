import { inflateSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import type { RenderedVariant } from '../../../../lambda/imaging/rendered-image.ts';
import { riffChunks } from '../inspect/containers.ts';
import { openLane } from '../sandbox-folder.ts';
import { plantedFiles } from './canaries.ts';

const { decode, close } = openLane({
  presets: {
    whole: { width: 48, formats: ['webp', 'jpeg', 'png', 'avif'] },
    small: { width: 20, formats: ['webp', 'jpeg', 'png', 'avif'] },
    first: { width: 48, formats: ['original', 'webp'], animation: 'first' },
    trellis: { width: 48, formats: ['jpeg'], effort: { jpeg: 1 } },
  },
  inputs: { avif: true },
});
afterAll(close);
const files = await plantedFiles();

/** Encodings of a canary. */
const forms: Readonly<Record<string, Buffer>> = {
  plain: Buffer.from('CANARY'),
  'UTF-16LE': Buffer.from('CANARY', 'utf16le'),
  'UTF-16BE': Buffer.from('CANARY', 'utf16le').swap16(),
  hexadecimal: Buffer.from(Buffer.from('CANARY').toString('hex')),
  HEXADECIMAL: Buffer.from(Buffer.from('CANARY').toString('hex').toUpperCase()),
  ...Object.fromEntries(
    [0, 1, 2].map((shift) => [
      `base64 (${shift})`,
      Buffer.from(
        Buffer.from(`${'x'.repeat(shift)}CANARY`)
          .toString('base64')
          .slice(2 + shift, 8),
      ),
    ]),
  ),
};

/** All zlib streams in a file, inflated, without false matches. */
function inflated(bytes: Buffer): Buffer[] {
  const streams: Buffer[] = [];
  for (let at = bytes.indexOf(0x78); at >= 0; at = bytes.indexOf(0x78, at + 1)) {
    if (((bytes[at] as number) * 256 + (bytes[at + 1] ?? 0)) % 31 !== 0) continue;
    try {
      streams.push(inflateSync(bytes.subarray(at), { maxOutputLength: 10_000_000 }));
    } catch {
      // Pixels contain such pairs of bytes by chance.
    }
  }
  return streams;
}

function leaks(bytes: Buffer): string[] {
  return [bytes, ...inflated(bytes)].flatMap((part) =>
    Object.entries(forms).flatMap(([form, needle]) => {
      const at = part.indexOf(needle);
      return at < 0 ? [] : [`${form}: ${part.subarray(Math.max(0, at - 10), at + 60).toString('latin1')}`];
    }),
  );
}

/** Names of the parts of a variant. */
const partsOf: Record<RenderedVariant['format'], (bytes: Buffer) => string[]> = {
  jpeg: (bytes) => {
    const markers: string[] = [];
    for (let at = 2; at < bytes.length && bytes[at + 1] !== 0xda; at += 2 + bytes.readUInt16BE(at + 2))
      markers.push((bytes[at + 1] as number).toString(16));
    return markers;
  },
  png: (bytes) => {
    const names: string[] = [];
    for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at))
      names.push(bytes.toString('latin1', at + 4, at + 8));
    return names;
  },
  webp: (bytes) => riffChunks(bytes).map(({ name }) => name),
  avif: (bytes) =>
    [...bytes.toString('latin1').matchAll(/infe.{4}.{4}([\w ]{4})|(colr)(nclx|prof|rICC)/gs)].map(
      ([, item, , kind]) => item ?? kind ?? '',
    ),
};
/** The parts that pixels need; none can carry text. */
const needed: Record<RenderedVariant['format'], RegExp> = {
  // JFIF, tables, baseline and progressive frames.
  jpeg: /^(e0|db|c0|c2|c4|dd)$/,
  png: /^(IHDR|PLTE|tRNS|pHYs|IDAT|IEND)$/,
  webp: /^(VP8 |VP8L|VP8X|ALPH|ANIM|ANMF)$/,
  avif: /^(av01|nclx)$/,
};

describe('metadata of an upload', () => {
  it.each(Object.keys(files))('no metadata of a %s is in any variant', async (name) => {
    const file = files[name] as Buffer;
    const { variants, original } = await decode(file);
    expect(original.frames).toBe(/animated|gif/.test(name) ? 2 : 1);
    expect(variants.map(({ format }) => format)).toEqual(
      expect.arrayContaining(['webp', 'jpeg', 'png', 'avif']),
    );
    for (const { preset, format, bytes } of variants) {
      expect({ preset, format, leaks: leaks(bytes) }).toEqual({ preset, format, leaks: [] });
      const others = partsOf[format](bytes).filter((part) => !needed[format].test(part));
      expect({ preset, format, others }).toEqual({ preset, format, others: [] });
    }
  });

  it('the test files contain the metadata in every form that the search looks for', () => {
    for (const [name, file] of Object.entries(files)) {
      const planted = [file, ...inflated(file)].flatMap((part) =>
        [...part.toString('latin1').matchAll(/CANARY-[\w-]+-CANARY/g)].map(String),
      );
      expect({ name, many: new Set(planted).size >= 6 }).toEqual({ name, many: true });
      expect(leaks(file)).not.toEqual([]);
    }
    const text = 'see CANARY here';
    for (const hidden of [
      text,
      Buffer.from(text, 'utf16le'),
      Buffer.from(text, 'utf16le').swap16(),
      Buffer.from(text).toString('hex'),
      ...['', 'a', 'ab'].map((shift) => Buffer.from(`${shift}${text}`).toString('base64')),
    ])
      expect({ hidden, found: leaks(Buffer.from(hidden as string)).length > 0 }).toEqual({
        hidden,
        found: true,
      });
  });
});
