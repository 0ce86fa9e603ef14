import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namesWhere } from '../catalogue/select.ts';
import { isPacked, packedFunctions } from './function-files.ts';

/** The bundled font: its name for messages, and whether it has a glyph for a code point. Read on first use. */
export function bundledFont(projectRoot: string): { name: string; has: Coverage } {
  const folder = isPacked(projectRoot)
    ? join(packedFunctions(projectRoot), withFont(), 'assets')
    : join(projectRoot, 'lambda/imaging/watermark/font');
  let coverage: Coverage | undefined;
  const has = (codePoint: number) => {
    coverage ??= coverageOf(readFileSync(join(folder, 'Inter-SemiBold.ttf')));
    return coverage(codePoint);
  };
  return { name: 'Inter SemiBold', has };
}

/** The function that contains the font. */
function withFont(): string {
  return namesWhere(({ files }) => files.includes('font'))[0] ?? '';
}

type Coverage = (codePoint: number) => boolean;

/** Bytes of an entry in the table directory, in the table `cmap`, and in a subtable of format 12. */
const entryBytes = 16;
const encodingBytes = 8;
const groupBytes = 12;

/**
 * Reads a font's `cmap` subtable of format 12: all of Unicode in groups of first and last code point (OpenType 1.9.1,
 * "cmap — Character to Glyph Index Mapping Table").
 */
export function coverageOf(font: Buffer): Coverage {
  const cmap = tableOf(font, 'cmap');
  const subtables = Array.from(
    { length: font.readUInt16BE(cmap + 2) },
    (_, index) => cmap + font.readUInt32BE(cmap + 4 + index * encodingBytes + 4),
  );
  const subtable = subtables.find((at) => font.readUInt16BE(at) === 12);
  if (subtable === undefined) throw new Error('the font has no cmap of format 12');
  const groups = Array.from({ length: font.readUInt32BE(subtable + 12) }, (_, index) => {
    const at = subtable + 16 + index * groupBytes;
    return { first: font.readUInt32BE(at), last: font.readUInt32BE(at + 4) };
  });
  return (codePoint) => groups.some(({ first, last }) => first <= codePoint && codePoint <= last);
}

function tableOf(font: Buffer, tag: string): number {
  const tables = font.readUInt16BE(4);
  for (let at = 12; at < 12 + tables * entryBytes; at += entryBytes)
    if (font.toString('latin1', at, at + 4) === tag) return font.readUInt32BE(at + 8);
  throw new Error(`the font has no table ${tag}`);
}
