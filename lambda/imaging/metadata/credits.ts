import type { Credit } from '../../domain/preset.ts';
import type { Blocks } from './blocks.ts';
import { readIfd0 } from './ifd.ts';
import { iptcField, readIptc } from './iptc.ts';
import type { PngKeyword } from './png-text.ts';
import { readText, tidy } from './text.ts';
import { readXmp } from './xmp.ts';

/** The credits of an image: one line of text each, at most 2,000 characters. */
export type Credits = Partial<Record<Credit, string>>;

const tag = { artist: 0x013b, copyright: 0x8298 } as const;

/**
 * Reads the credits of an image. Where several blocks have one, XMP wins, which declares its encoding and cuts nothing,
 * then IPTC, whose names end after 32 bytes, then EXIF, which was made for ASCII, then the texts of a PNG, which few tools
 * know. Broken blocks are ignored.
 */
export function readCredits({ exif, iptc = [], xmp, texts }: Blocks): Credits {
  const directory = readIfd0(exif ?? new Uint8Array(), Object.values(tag));
  const fromExif = (id: number) => parts(directory.get(id));
  const { rights = [], creator = [], credit = [] } = xmp === undefined ? {} : readXmp(xmp);
  // Editors that write two blocks write the same text into both.
  const fromIptc = (field: number) =>
    iptc.map((block) => readIptc(block, field)).find((found) => first(found) !== undefined) ?? [];
  const fromPng = (keyword: PngKeyword) => [texts?.get(keyword) ?? ''];
  const found: Record<Credit, string | undefined> = {
    copyright: first(rights, fromIptc(iptcField.copyright), fromExif(tag.copyright), fromPng('Copyright')),
    creator: first(creator, fromIptc(iptcField.byLine), fromExif(tag.artist), fromPng('Author')),
    credit: first(credit, fromIptc(iptcField.credit)),
  };
  return Object.fromEntries(Object.entries(found).filter(([, text]) => text !== undefined));
}

/** EXIF's copyright has the photographer's and the editor's part, separated by a NUL. */
function parts(bytes: Uint8Array = new Uint8Array()): string[] {
  return readText(bytes).split('\0');
}

/** The first source with a value; several values in it become one line. */
function first(...sources: readonly string[][]): string | undefined {
  for (const source of sources) {
    const line = tidy(source.flatMap((text) => tidy(text) ?? []).join('; '));
    if (line !== undefined) return line;
  }
  return undefined;
}
