import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawLetters } from '../../../../lambda/imaging/watermark/letters.ts';
import { Watermarks } from '../../../../lambda/imaging/watermark/watermark.ts';
import { bundledFont } from '../../../../lib/bundling/font.ts';
import { watermarkOf } from '../../../support/recipes.ts';
import { fontFolder } from './bundled-font.ts';

const projectRoot = join(import.meta.dirname, '../../../..');
const inter = readFileSync(join(fontFolder, 'Inter-SemiBold.ttf'));

describe('fonts of the machine', () => {
  let folder: string;
  const at = (...path: string[]) => join(folder, ...path);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-font-'));
    cpSync(fontFolder, at('assets'), { recursive: true });
    for (const [installed, font] of Object.entries({ blank: withoutInk(inter), other: namedOther(inter) }))
      for (const fonts of ['home/.fonts', 'home/.local/share/fonts', 'share/fonts']) {
        mkdirSync(at(installed, fonts), { recursive: true });
        writeFileSync(at(installed, fonts, 'font.ttf'), font);
      }
    // As on other machines, installed fonts are found too.
    const dirs = ['<dir prefix="xdg">fonts</dir>', `<dir>${at('assets')}</dir>`].join('');
    writeFileSync(
      at('system.conf'),
      `<fontconfig>${dirs}<cachedir prefix="xdg">fontconfig</cachedir></fontconfig>`,
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Output of a process whose only configuration of fonts is this. */
  function drawn(text: string, env: NodeJS.ProcessEnv): string {
    const script = join(import.meta.dirname, 'mark-process.ts');
    const libraries = process.env.LD_LIBRARY_PATH;
    return spawnSync(process.execPath, [script, text], {
      encoding: 'utf8',
      env: {
        FONTCONFIG_FILE: at('assets/fonts.conf'),
        XDG_CACHE_HOME: at('cache'),
        // Otherwise fontconfig would find the fonts of this machine.
        XDG_DATA_DIRS: at('nowhere'),
        ...env,
        ...(libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries }),
      },
    }).stdout;
  }

  it('a machine without fonts draws with the bundled one, like every other', async () => {
    const mark = watermarkOf({ type: 'text', text: 'Ünal 2026', scale: 0.8, gravity: 'center' });
    const ground = { data: Buffer.alloc(200 * 80 * 3, 90), width: 200, height: 80, channels: 3 } as const;
    const here = await new Watermarks({ mark }, '/').over(ground, ['mark'], { tenant: 'acme', year: 2026 });
    expect(here.data.equals(ground.data)).toBe(false);
    expect(drawn('Ünal 2026', {})).toBe(createHash('sha256').update(here.data).digest('hex'));
  });

  it.each([
    ['another of the same name', 'blank', 'Sluice'],
    ['one with letters that ours lacks', 'other', 'a 日'],
  ])('a machine with %s installed draws with the bundled one', (_, installed, text) => {
    const others = { HOME: at(installed, 'home'), XDG_DATA_HOME: at(installed, 'share') };
    const own = drawn(text, {});
    expect(own).toMatch(/^[0-9a-f]{64}$/);
    expect(drawn(text, others)).toBe(own);
    // Another configuration does select the font.
    expect(drawn(text, { ...others, FONTCONFIG_FILE: at('system.conf') })).not.toBe(own);
  });
});

describe('the characters of the bundled font', () => {
  const { has } = bundledFont(projectRoot);
  const glyphs = glyphsOf(inter);

  it('both character tables of the font agree on their common plane', () => {
    for (let code = 0; code < 0xffff; code++)
      expect(has(code), `U+${code.toString(16)}`).toBe(glyphs.of(code) !== 0);
    expect(has(0x1f468)).toBe(false);
  });

  it('accents follow their letters, and composed signs have two parts', async () => {
    const mark = { gravity: 'center', tile: false } as Parameters<typeof drawLetters>[0];
    for (const [composed, decomposed] of [
      ['ő', 'o\u030b'],
      ['é', 'e\u0301'],
      ['≮', '<\u0338'],
    ] as const) {
      const [a, b] = [await drawLetters(mark, composed, 100), await drawLetters(mark, decomposed, 100)];
      expect(a.data.equals(b.data), composed).toBe(true);
    }
    // A missing character is drawn as a box with its number, 0.85 em wide.
    expect((await drawLetters(mark, '≮', 100)).width).toBeLessThan(70);
  });

  it('letters have the width and height that the font declares', async () => {
    const em = 200;
    const mark = { gravity: 'center', tile: false } as Parameters<typeof drawLetters>[0];
    const codes = Array.from({ length: 0xffff }, (_, code) => code).filter((code) => has(code));
    expect(codes.length).toBeGreaterThan(2700);
    let looked = 0;
    // Every seventeenth character, and typical text after a ©.
    for (const code of [...codes.filter((_, at) => at % 17 === 0), ...[...'©®™Ñßłğżőěчєґα'].map(codeOf)]) {
      const character = String.fromCodePoint(code);
      const box = glyphs.box(glyphs.of(code));
      if (box === undefined || /[\s\p{M}\p{Default_Ignorable_Code_Point}]/u.test(character)) continue;
      const { width, height } = await drawLetters(mark, character, em);
      expect(Math.abs(width - box.width * em), `width of ${character}`).toBeLessThanOrEqual(3);
      expect(Math.abs(height - box.height * em), `height of ${character}`).toBeLessThanOrEqual(3);
      looked++;
    }
    expect(looked).toBeGreaterThan(120);
  });
});

function codeOf(character: string): number {
  return character.codePointAt(0) as number;
}

function tableOf(font: Buffer, tag: string): { at: number; bytes: number } {
  const entry = font.indexOf(tag, 12, 'latin1');
  return { at: font.readUInt32BE(entry + 8), bytes: font.readUInt32BE(entry + 12) };
}

/** Offsets of the subtables of cmap, each once. */
function subtablesOf(font: Buffer): number[] {
  const { at } = tableOf(font, 'cmap');
  const length = font.readUInt16BE(at + 2);
  return [...new Set(Array.from({ length }, (_, index) => at + font.readUInt32BE(at + 4 + index * 8 + 4)))];
}

/** The same font, names included, with empty glyphs. */
function withoutInk(font: Buffer): Buffer {
  const copy = Buffer.from(font);
  const { at, bytes } = tableOf(font, 'glyf');
  return copy.fill(0, at, at + bytes);
}

/** The same font with the name "Other", which also has 日 (drawn with glyph 40). */
function namedOther(font: Buffer): Buffer {
  const copy = Buffer.from(font);
  const utf16 = (text: string) => Buffer.from(text, 'utf16le').swap16();
  for (let at = copy.indexOf(utf16('Inter')); at >= 0; at = copy.indexOf(utf16('Inter'), at + 1))
    copy.set(utf16('Other'), at);
  // Two platforms share one subtable. Changed twice, its groups would be out of order, and FreeType would ignore it.
  for (const subtable of subtablesOf(copy).filter((at) => copy.readUInt16BE(at) === 12)) {
    // Groups are sorted by code point, so it replaces the last one before it.
    let group = subtable + 16;
    while (copy.readUInt32BE(group + 12) < codeOf('日')) group += 12;
    for (const [field, value] of [codeOf('日'), codeOf('日'), 40].entries())
      copy.writeUInt32BE(value, group + field * 4);
  }
  return copy;
}

/** Glyphs by the cmap of format 4, and their boxes in em (OpenType 1.9.1). */
function glyphsOf(font: Buffer) {
  const format4 = subtablesOf(font).find((at) => font.readUInt16BE(at) === 4) as number;
  const twice = font.readUInt16BE(format4 + 6);
  const unitsPerEm = font.readUInt16BE(tableOf(font, 'head').at + 18);
  const [glyf, loca] = [tableOf(font, 'glyf').at, tableOf(font, 'loca').at];
  const long = font.readUInt16BE(tableOf(font, 'head').at + 50) === 1;
  const offset = (glyph: number) =>
    long ? font.readUInt32BE(loca + glyph * 4) : font.readUInt16BE(loca + glyph * 2) * 2;
  return {
    of(code: number): number {
      const ends = format4 + 14;
      let segment = 0;
      while (font.readUInt16BE(ends + segment * 2) < code) segment++;
      const starts = ends + twice + 2;
      const start = font.readUInt16BE(starts + segment * 2);
      if (code < start) return 0;
      const delta = font.readUInt16BE(starts + twice + segment * 2);
      const rangeAt = starts + 2 * twice + segment * 2;
      const range = font.readUInt16BE(rangeAt);
      if (range === 0) return (code + delta) & 0xffff;
      const glyph = font.readUInt16BE(rangeAt + range + (code - start) * 2);
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    },
    box(glyph: number): { width: number; height: number } | undefined {
      if (offset(glyph) === offset(glyph + 1)) return undefined;
      const at = glyf + offset(glyph);
      const [left, bottom, right, top] = [2, 4, 6, 8].map((field) => font.readInt16BE(at + field)) as [
        number,
        number,
        number,
        number,
      ];
      return { width: (right - left) / unitsPerEm, height: (top - bottom) / unitsPerEm };
    },
  };
}
