import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { Credit } from '../../../../lambda/domain/preset.ts';
import { type Blocks, blocksOf } from '../../../../lambda/imaging/metadata/blocks.ts';
import { readCredits } from '../../../../lambda/imaging/metadata/credits.ts';
import { patience } from '../../../support/pace.ts';
import { draw, plain, quartered } from '../fixtures.ts';
import {
  ascii,
  internationalText,
  iptc,
  jpegWith,
  latin1,
  pageTags,
  photoshop,
  pngWith,
  segment,
  type Tag,
  tiffFile,
  undefinedTag,
} from '../inspect/containers.ts';
import { openLane } from '../sandbox-folder.ts';

const formats = ['webp', 'jpeg', 'png', 'avif'] as const;
const preset = (metadata: Credit[]) => ({ width: 40, formats: [...formats], metadata });
const { decode, close } = openLane({
  presets: {
    all: preset(['copyright', 'creator', 'credit']),
    creator: preset(['creator']),
    none: preset([]),
  },
  inputs: { avif: true },
});
afterAll(close);

const picture = draw(quartered(40, 30));
const exif = (...tags: Tag[]) => Buffer.concat([latin1('Exif\0\0'), tiffFile({ chain: [tags] })]);
const xmp = (body: string, declared = 'xmlns:dc="http://purl.org/dc/elements/1.1/"') =>
  Buffer.from(
    `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" ${declared} ${body}</rdf:Description></rdf:RDF></x:xmpmeta>`,
  );
const fullXmp = xmp(
  '><dc:rights><rdf:Alt><rdf:li xml:lang="de">Alle Rechte</rdf:li><rdf:li xml:lang="x-default">© 2026 Åse &amp; Söhne &lt;Oslo&gt;</rdf:li></rdf:Alt></dc:rights>' +
    '<dc:creator><rdf:Seq><rdf:li>Åse Ødegård</rdf:li><rdf:li>李雷</rdf:li></rdf:Seq></dc:creator>' +
    '<photoshop:Credit>Agence &#233;toile</photoshop:Credit>',
  'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"',
);
const expected = {
  copyright: '© 2026 Åse & Söhne <Oslo>',
  creator: 'Åse Ødegård; 李雷',
  credit: 'Agence étoile',
};

/** The credits in the variants of a preset, read back from each. */
async function creditsOf(file: Buffer, name: string) {
  const { variants } = await decode(file, [name]);
  return Promise.all(
    variants.map(async ({ bytes, format }) => {
      const header = await sharp(bytes).metadata();
      return { ...readCredits(blocksOf(header, format, bytes)), exif: header.exif, xmp: header.xmp };
    }),
  );
}

describe('a preset that keeps credits', () => {
  it('credits are read from each type that can carry them, and written to each format', async () => {
    const jpeg = await picture.clone().jpeg().toBuffer();
    const png = await picture.clone().png().toBuffer();
    const carriers: Record<string, Buffer> = {
      jpeg: jpegWith(jpeg, segment(0xe1, Buffer.concat([latin1('http://ns.adobe.com/xap/1.0/\0'), fullXmp]))),
      png: pngWith(png, internationalText('XML:com.adobe.xmp', fullXmp, false)),
      'png, compressed': pngWith(png, internationalText('XML:com.adobe.xmp', fullXmp, true)),
      webp: await picture.clone().withXmp(fullXmp.toString()).webp().toBuffer(),
      tiff: tiffFile({
        lead: plain(4, 4, [1, 2, 3]).data,
        chain: [[...pageTags(4, 4, 8), { id: 700, type: 1, data: fullXmp }]],
      }),
      avif: await picture.clone().withXmp(fullXmp.toString()).avif().toBuffer(),
    };
    for (const [name, file] of Object.entries(carriers))
      for (const [index, found] of (await creditsOf(file, 'all')).entries()) {
        expect(found, `${name} to ${formats[index]}`).toMatchObject(expected);
        expect(found.xmp?.toString(), 'what other readers see').toContain(
          '© 2026 Åse &amp; Söhne &lt;Oslo&gt;',
        );
      }
  });

  it('a preset keeps the credits that it names and no others', async () => {
    const file = await picture.clone().withXmp(fullXmp.toString()).webp().toBuffer();
    for (const { creator, copyright, credit } of await creditsOf(file, 'creator'))
      expect({ creator, copyright, credit }).toEqual({
        creator: expected.creator,
        copyright: undefined,
        credit: undefined,
      });
    for (const { exif, xmp } of await creditsOf(file, 'none')) expect({ exif, xmp }).toEqual({});
  });

  it('an image without credits gets none', async () => {
    for (const { exif, xmp } of await creditsOf(await picture.clone().jpeg().toBuffer(), 'all'))
      expect({ exif, xmp }).toEqual({});
  });

  it('credits are kept in an animation', async () => {
    const frames = await Promise.all(
      [0, 200].map((shade) =>
        draw(plain(40, 30, [shade, 9, 9]))
          .png()
          .toBuffer(),
      ),
    );
    const file = await sharp(frames, { join: { animated: true } })
      .withXmp(fullXmp.toString())
      .webp()
      .toBuffer();
    const { variants, original } = await decode(file, ['all']);
    expect(original.frames).toBe(2);
    const header = await sharp(variants[0]?.bytes).metadata();
    expect(header.pages).toBe(2);
    expect(readCredits({ xmp: header.xmp })).toEqual(expected);
  });

  it('ASCII credits are also written to EXIF; others are left out there', async () => {
    const file = jpegWith(
      await picture.clone().jpeg().toBuffer(),
      segment(0xe1, exif(ascii(0x8298, '© Jürgen Müller (all rights reserved)'), ascii(0x013b, '李雷'))),
    );
    for (const { exif = Buffer.alloc(0), copyright, creator } of await creditsOf(file, 'all')) {
      expect({ copyright, creator }).toEqual({
        copyright: '© Jürgen Müller (all rights reserved)',
        creator: '李雷',
      });
      expect(exif.toString('latin1')).toContain('(c) Jurgen Muller (all rights reserved)\0');
      expect(exif.toString('latin1')).not.toContain('?');
    }
  });
});

describe('reading credits', () => {
  it('credits are read from EXIF in either byte order, also from the directory of a TIFF', () => {
    const tags = [
      ascii(0x010f, 'Camera'),
      ascii(0x013b, 'Ada Lovelace'),
      ascii(0x8298, 'Ada 1843\0Editor 1844'),
    ];
    const found = { creator: 'Ada Lovelace', copyright: 'Ada 1843; Editor 1844' };
    expect(readCredits({ exif: exif(...tags) })).toEqual(found);
    expect(readCredits({ exif: tiffFile({ chain: [tags] }) })).toEqual(found);
    const big = Buffer.from('4d4d002a000000080001013b00020000000441646100' + '00000000', 'hex');
    expect(readCredits({ exif: big })).toEqual({ creator: 'Ada' });
  });

  it('credits are read from IPTC, bare or in a Photoshop block, in UTF-8 or Latin-1', () => {
    const fields = iptc(
      [1, 90, '\x1b%G'],
      [2, 80, 'Zoë'],
      [2, 80, 'Max'],
      [2, 110, 'Reuters'],
      [2, 116, '© Zoë'],
    );
    const found = { creator: 'Zoë; Max', credit: 'Reuters', copyright: '© Zoë' };
    expect(readCredits({ iptc: [fields] })).toEqual(found);
    const block = photoshop({ 1028: fields, 1005: Buffer.from('odd') });
    expect(readCredits({ iptc: [Buffer.concat([latin1('Photoshop 3.0\0'), block])] })).toEqual(found);
    expect(readCredits({ iptc: [iptc([2, 80, latin1('Zo\xeb')])] })).toEqual({ creator: 'Zoë' });
    const cut = iptc([2, 80, 'Max'], [2, 116, 'all rights']).subarray(0, -3);
    expect(readCredits({ iptc: [cut] }), 'no half statements').toEqual({ creator: 'Max' });
  });

  it('for each credit XMP takes precedence over IPTC, and IPTC over EXIF', () => {
    const blocks = {
      xmp: xmp('><dc:creator><rdf:Seq><rdf:li>by XMP</rdf:li></rdf:Seq></dc:creator>'),
      iptc: [iptc([2, 80, 'by IPTC'], [2, 116, 'IPTC'])],
      exif: exif(ascii(0x013b, 'by EXIF'), ascii(0x8298, 'EXIF')),
    };
    expect(readCredits(blocks)).toEqual({ creator: 'by XMP', copyright: 'IPTC' });
    expect(readCredits({ exif: blocks.exif, iptc: [iptc([2, 80, ' '])] })).toEqual({
      creator: 'by EXIF',
      copyright: 'EXIF',
    });
  });

  it('credits are read from XMP as attributes, with other prefixes and as plain values', () => {
    const photoshopNamespace = 'http://ns.adobe.com/photoshop/1.0/';
    expect(readCredits({ xmp: xmp('photoshop:Credit="A &quot;B&quot;">') })).toEqual({ credit: 'A "B"' });
    expect(readCredits({ xmp: xmp(`ps:Credit='C'>`, `xmlns:ps='${photoshopNamespace}'`) })).toEqual({
      credit: 'C',
    });
    expect(readCredits({ xmp: xmp('><dc:rights>plain</dc:rights>') })).toEqual({ copyright: 'plain' });
    expect(readCredits({ xmp: xmp('><dc:rights/>') })).toEqual({});
  });

  it('a credit is one line without control characters of at most 2,000 characters', () => {
    const creator = (text: string) => readCredits({ iptc: [iptc([2, 80, text])] }).creator;
    expect(creator('\0 a\r\n\tb\u0007\u2028c ')).toBe('a b c');
    expect(creator('é'.repeat(5_000))).toHaveLength(2_000);
    expect([...(creator('😀'.repeat(3_000)) ?? '')]).toHaveLength(2_000);
    expect(creator(' \n\0')).toBeUndefined();
    expect(readCredits({ xmp: xmp('><dc:rights>&#9;x&unknown;&#x110000; & y</dc:rights>') })).toEqual({
      copyright: 'x&unknown;&#x110000; & y',
    });
  });

  it('broken blocks never cause an error', () => {
    const whole = exif(
      ascii(0x013b, 'Ada Lovelace'),
      ascii(0x8298, 'Ada'),
      undefinedTag(0x9286, Buffer.alloc(99)),
    );
    const block = Buffer.concat([latin1('Photoshop 3.0\0'), photoshop({ 1028: iptc([2, 80, 'Max']) })]);
    const read: [Buffer, (bytes: Buffer) => Blocks][] = [
      [whole, (exif) => ({ exif })],
      [block, (iptc) => ({ iptc: [iptc] })],
      [fullXmp, (xmp) => ({ xmp })],
      [Buffer.from(`\ufeff${fullXmp}`, 'utf16le'), (xmp) => ({ xmp })],
    ];
    for (const [bytes, blocks] of read)
      for (let at = 0; at < bytes.length; at++) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] as number) ^ 0xff;
        expect(() => readCredits(blocks(flipped))).not.toThrow();
        expect(() => readCredits(blocks(bytes.subarray(0, at)))).not.toThrow();
      }
  });

  it('the time to read a block is linear in its size', () => {
    const megabyte = (text: string) => text.repeat(1_000_000 / text.length);
    const inside = (text: string) => xmp(`>${megabyte(text)}`).toString();
    const hostile = [
      '<dc:rights>',
      '<dc:rights><rdf:li',
      '<a xmlns:b="c">',
      '&',
      'xmlns:',
      '<',
      '<!--',
      '<![CDATA[',
      '</b>',
      '<a b="',
    ].flatMap((text) => [megabyte(text), inside(text)]);
    const attributes = Array.from({ length: 100_000 }, (_, at) => `a${at}=""`).join(' ');
    hostile.push(inside('<dc:rights/>'), inside('x<?a?>'), inside('&amp;'), xmp(`${attributes}>`).toString());
    const before = process.cpuUsage();
    for (const text of hostile) readCredits({ xmp: Buffer.from(text) });
    readCredits({
      iptc: [iptc(...Array.from({ length: 60_000 }, () => [2, 80, ''] as [number, number, string]))],
    });
    expect(process.cpuUsage(before).user).toBeLessThan(patience(2_000_000));
  });
});
