import type { Metadata, Sharp } from 'sharp';
import type { Credit } from '../../domain/preset.ts';
import { readIfd0 } from './ifd.ts';
import { iptcField, readIptc } from './iptc.ts';
import { readText, tidy } from './text.ts';
import { readXmp, writeXmp } from './xmp.ts';

/** Whose an image is, as its metadata say: one line of text each, at most 2,000 characters. */
export type Credits = Partial<Record<Credit, string>>;

const tag = { artist: 0x013b, copyright: 0x8298 } as const;

type Blocks = Pick<Metadata, 'exif' | 'iptc' | 'xmp' | 'tifftagPhotoshop'>;

/**
 * Reads the credits of an image. Where several blocks name one, XMP wins, which says how it is written and cuts nothing,
 * then IPTC, whose names end after 32 bytes, then EXIF, which was made for ASCII. Broken blocks say nothing.
 * @param tiff the file itself where it is a TIFF, whose own directory has the tags of EXIF
 */
export function readCredits({ exif, iptc, xmp, tifftagPhotoshop }: Blocks, tiff?: Uint8Array): Credits {
  const directory = readIfd0(exif ?? tiff ?? new Uint8Array(), Object.values(tag));
  const texts = (id: number) => parts(directory.get(id));
  const fromXmp = (namespace: 'dc' | 'photoshop', name: string) =>
    xmp === undefined ? [] : readXmp(xmp, namespace, name);
  const fromIptc = (field: number) =>
    [iptc, tifftagPhotoshop].flatMap((block) => (block === undefined ? [] : readIptc(block, field)));
  const found: Record<Credit, string | undefined> = {
    copyright: first(fromXmp('dc', 'rights'), fromIptc(iptcField.copyright), texts(tag.copyright)),
    creator: first(fromXmp('dc', 'creator'), fromIptc(iptcField.byLine), texts(tag.artist)),
    credit: first(fromXmp('photoshop', 'Credit'), fromIptc(iptcField.credit)),
  };
  return Object.fromEntries(Object.entries(found).filter(([, text]) => text !== undefined));
}

/**
 * Writes the credits wanted into what a pipeline encodes: XMP holds them as they are, EXIF what ASCII can hold. Both are
 * made anew; no block of the original is ever copied.
 */
export function withCredits(pipeline: Sharp, credits: Credits, wanted: readonly Credit[]): Sharp {
  const kept = (name: Credit) => (wanted.includes(name) ? credits[name] : undefined);
  const [copyright, creator, credit] = [kept('copyright'), kept('creator'), kept('credit')];
  if ((copyright ?? creator ?? credit) === undefined) return pipeline;
  const exif = Object.entries({ Copyright: copyright, Artist: creator }).flatMap(([name, text]) => {
    const ascii = text === undefined ? undefined : asAscii(text);
    return ascii === undefined ? [] : [[name, ascii] as const];
  });
  if (exif.length > 0) pipeline.withExif({ IFD0: Object.fromEntries(exif) });
  return pipeline.withXmp(writeXmp({ rights: copyright, creator, credit }));
}

/** EXIF's copyright has a photographer's and an editor's part with a NUL between them. */
function parts(bytes: Uint8Array = new Uint8Array()): string[] {
  return readText(bytes).split('\0');
}

/** The first source that says anything; several values in it become one line. */
function first(...sources: readonly string[][]): string | undefined {
  for (const source of sources) {
    const line = tidy(source.flatMap((text) => tidy(text) ?? []).join('; '));
    if (line !== undefined) return line;
  }
  return undefined;
}

/**
 * Letters without their accents; undefined where that is not enough, as no name is better than question marks. libvips
 * takes a last bracketed part for its own note and drops it, so that it gets one to drop.
 */
function asAscii(text: string): string | undefined {
  const plain = text.replaceAll('©', '(c)').normalize('NFKD').replace(/\p{M}/gu, '');
  if (!/^[ -~]+$/.test(plain)) return undefined;
  return plain.endsWith(')') ? `${plain} ()` : plain;
}
