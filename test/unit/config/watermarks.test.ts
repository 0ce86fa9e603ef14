import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bundledFont, coverageOf } from '../../../lib/bundling/font.ts';
import { watermarkFiles } from '../../../lib/bundling/watermarks.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { configMistakes } from '../../support/config-mistakes.ts';

const projectRoot = resolve(import.meta.dirname, '../../..');

/** The mistakes in these watermarks; `files` are placed next to the configuration. */
function mistakes(watermarks: SluiceConfig['watermarks'], files: Record<string, string> = {}): string[] {
  const root = mkdtempSync(join(tmpdir(), 'sluice-config-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, contents] of Object.entries(files)) writeFileSync(join(root, name), contents, 'latin1');
  const config = resolveConfig({ presets: { small: { width: 320 } }, ...(watermarks && { watermarks }) });
  return configMistakes(() => watermarkFiles(config, root, projectRoot));
}
const textMistakes = (text: string) => mistakes({ brand: { type: 'text', text } });

describe('a text watermark', () => {
  it.each([
    '© {tenant} {year}',
    'Ünal Żółw İstanbul ẞ Łódź Việt Nam',
    'Привет Ґанок Ελλάδα ᾷ',
    'one\ntwo\r\nthree',
    '→ ★ ₿ № ™ ½ “quoted” – — …',
    'a\u00a0b',
    // A combining accent, as in file names of macOS, and one that has no precomposed letter.
    'Zoe\u0308',
    'q\u0303',
    // The font has ő but not its combining accent, and a combining stroke but not ≮.
    'Erdo\u030bs',
    'a ≮ b',
    // Keyboards add a variation selector after ©, and editors leave joiners.
    '©\ufe0f a\u200db',
  ])('a text watermark may be %j', (text) => {
    expect(textMistakes(text)).toEqual([]);
  });

  it.each([
    ['日本', '日 (U+65E5), 本 (U+672C)'],
    ['Sluice 🚀', '🚀 (U+1F680)'],
    ['👩‍🚀', '👩 (U+1F469), 🚀 (U+1F680)'],
    ['שלום', 'ש (U+05E9), ל (U+05DC), ו (U+05D5), ם (U+05DD)'],
    ['a\tb', 'U+0009'],
    ['a\rb', 'U+000D'],
    ['a\u2028b', 'U+2028'],
    ['x\u0331', 'U+0331'],
    [
      '一二三四五六七八九十',
      '一 (U+4E00), 二 (U+4E8C), 三 (U+4E09), 四 (U+56DB), 五 (U+4E94), 六 (U+516D), 七 (U+4E03), 八 (U+516B) and 2 more',
    ],
  ])(
    'the text watermark %j is a mistake that names the characters missing from the font',
    (text, missing) => {
      expect(textMistakes(text)).toEqual([
        `watermarks.brand.text: the font (Inter SemiBold) has no ${missing}`,
      ]);
    },
  );

  it('a repeated missing character is named once', () => {
    expect(textMistakes('日日日')).toEqual([
      'watermarks.brand.text: the font (Inter SemiBold) has no 日 (U+65E5)',
    ]);
  });

  it('a text watermark without visible characters is a mistake', () => {
    expect(textMistakes('\u200b\u200b')).toEqual(['watermarks.brand.text: has no visible character']);
  });
});

describe('an image watermark', () => {
  it('an SVG watermark is a mistake that lists the accepted types', () => {
    expect(
      mistakes(
        { logo: { type: 'image', path: 'logo.svg' } },
        { 'logo.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>' },
      ),
    ).toEqual([
      'watermarks.logo.path: the file is SVG, not one of JPEG, PNG, WebP, GIF, TIFF, AVIF: logo.svg',
    ]);
  });

  it('mistakes of image and text watermarks are reported together', () => {
    expect(
      mistakes({
        a: { type: 'text', text: '日' },
        b: { type: 'image', path: 'nowhere.png' },
        c: { type: 'text', text: '本' },
      }).map((mistake) => mistake.split(':')[0]),
    ).toEqual(['watermarks.a.text', 'watermarks.c.text', 'watermarks.b.path']);
  });
});

describe('a font file', () => {
  it('a file that is no font, or has no supported character table, is refused', () => {
    expect(() => coverageOf(Buffer.alloc(12))).toThrow('the font has no table cmap');
    const font = Buffer.alloc(60);
    font.writeUInt16BE(1, 4);
    font.write('cmap', 12, 'latin1');
    font.writeUInt32BE(28, 20);
    expect(() => coverageOf(font)).toThrow('the font has no cmap of format 12');
  });

  it('the bundled font is the one of the functions, in a checkout and in the installed package', () => {
    const root = mkdtempSync(join(tmpdir(), 'sluice-package-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    cpSync(join(projectRoot, 'lambda/imaging/watermark/font'), join(root, 'functions/process/assets'), {
      recursive: true,
    });
    for (const folder of [projectRoot, root]) {
      const { name, has } = bundledFont(folder);
      expect([name, has(0x41), has(0x65e5)]).toEqual(['Inter SemiBold', true, false]);
    }
  });
});
