import { describe, expect, it } from 'vitest';
import { blocksOf } from '../../../../lambda/imaging/metadata/blocks.ts';
import { type Credits, readCredits } from '../../../../lambda/imaging/metadata/credits.ts';
import { inspectSource } from '../../../../lambda/imaging/pipeline.ts';
import { resolveConfig } from '../../../../lib/config/resolve.ts';
import { gif } from '../decode/gif-writer.ts';
import { draw, plain, quartered } from '../fixtures.ts';
import {
  ascii,
  chunk,
  compressedText,
  gifComment,
  gifWith,
  internationalText,
  iptc,
  jpegWith,
  latin1,
  pageTags,
  photoshop,
  pngWith,
  segment,
  textChunk,
  tiffFile,
  undefinedTag,
} from '../inspect/containers.ts';
import { described } from './packets.ts';

const settings = resolveConfig({ presets: { a: { width: 8 } } });
const creditsIn = async (file: Buffer): Promise<Credits> => (await inspectSource(file, settings)).credits;

const jpeg = await draw(quartered(40, 30)).jpeg().toBuffer();
const png = await draw(quartered(40, 30)).png().toBuffer();
const packetOf = (name: string) =>
  Buffer.from(described(`<dc:creator><rdf:Seq><rdf:li>${name}</rdf:li></rdf:Seq></dc:creator>`));
const byLine = (name: string) => photoshop({ 1028: iptc([2, 80, name]) });
const app13 = (data: Buffer) => segment(0xed, Buffer.concat([latin1('Photoshop 3.0\0'), data]));
const app1 = (data: Buffer) => segment(0xe1, Buffer.concat([latin1('http://ns.adobe.com/xap/1.0/\0'), data]));
const thumbnail = photoshop({ 1036: Buffer.alloc(16) });
const plugIn = Buffer.concat([latin1('MeSa\x03\xe8\0\0\0\0\0\x02ab'), byLine('Ada')]);
const [long, rest] = [byLine('Ada').subarray(0, 18), byLine('Ada').subarray(18)];

describe('credits of a JPEG', () => {
  it.each<[string, Buffer[]]>([
    ['in a second segment of Photoshop', [app13(thumbnail), app13(byLine('Ada'))]],
    ['behind a segment that is broken', [app13(thumbnail.subarray(0, -3)), app13(byLine('Ada'))]],
    ['behind the resource of a plug-in', [app13(plugIn)]],
    ['in a resource that goes on in the next segment', [app13(long), app13(rest)]],
    ['in the first of two segments', [app13(byLine('Ada')), app13(byLine('Eve'))]],
    ['by the first of two packets', [app1(packetOf('Ada')), app1(packetOf('Eve'))]],
    ['by a packet in UTF-16', [app1(Buffer.from(packetOf('Ada').toString(), 'utf16le').swap16())]],
  ])('credits of a JPEG are read %s', async (_, segments) => {
    expect(await creditsIn(jpegWith(jpeg, ...segments))).toEqual({ creator: 'Ada' });
  });

  it('credits of a JPEG are read after stray bytes between segments, but not after the pixels', () => {
    const stray = jpegWith(jpeg, Buffer.from([0, 1, 0xff, 0xff]), app13(byLine('Ada')));
    expect(readCredits(blocksOf({}, 'jpeg', stray))).toEqual({ creator: 'Ada' });
    const behind = Buffer.concat([jpeg, app13(byLine('Ada'))]);
    expect(readCredits(blocksOf({}, 'jpeg', behind))).toEqual({});
  });

  it('credits are read in a segment that is cut off, up to the cut', () => {
    const whole = jpegWith(jpeg, app13(photoshop({ 1028: iptc([2, 80, 'Ada'], [2, 116, '© Ada']) })));
    const cut = whole.subarray(0, whole.indexOf('© Ada') + 2);
    expect(readCredits(blocksOf({}, 'jpeg', cut))).toEqual({ creator: 'Ada' });
  });
});

describe('credits of a GIF', () => {
  const film = gif([{ colour: 1 }, { colour: 2 }]);
  const magic = Buffer.from([1, ...Array.from({ length: 256 }, (_, at) => 255 - at), 0]);
  const packet = (name: string, text: Buffer) =>
    Buffer.concat([Buffer.from([0x21, 0xff, 11]), latin1(name), text, magic]);
  const ours = packet('XMP DataXMP', packetOf('Ada'));

  it.each([
    ['before its frames', gifWith(film, [gifComment('a'), ours])],
    ['behind them', Buffer.concat([film.subarray(0, -1), ours, film.subarray(-1)])],
  ])('credits of a GIF are read from an XMP packet %s', async (_, file) => {
    expect(await creditsIn(file)).toEqual({ creator: 'Ada' });
  });

  it('only an extension with the name of XMP is a packet', async () => {
    const others = [packet('XMP DataXYZ', packetOf('Eve'))];
    expect(await creditsIn(gifWith(film, others))).toEqual({});
  });
});

describe('credits of a PNG', () => {
  const late = (file: Buffer, text: Buffer) =>
    Buffer.concat([file.subarray(0, -12), text, file.subarray(-12)]);

  it.each([
    [
      'as they are, in Latin-1',
      pngWith(png, textChunk('Author', 'Zo\xeb'), textChunk('Copyright', '\xa9 Zo\xeb')),
    ],
    [
      'compressed',
      pngWith(
        png,
        compressedText('Author', latin1('Zo\xeb')),
        compressedText('Copyright', latin1('\xa9 Zo\xeb')),
      ),
    ],
    [
      'in UTF-8',
      pngWith(
        png,
        internationalText('Author', Buffer.from('Zoë'), false),
        internationalText('Copyright', Buffer.from('© Zoë'), true),
      ),
    ],
    [
      'behind its pixels',
      late(late(png, textChunk('Author', 'Zo\xeb')), textChunk('Copyright', '\xa9 Zo\xeb')),
    ],
    [
      'the first of several',
      pngWith(
        png,
        ...['Zoë', 'Eve'].flatMap((name) => [textChunk('Author', name), textChunk('Copyright', `© ${name}`)]),
      ),
    ],
    [
      'behind one that cannot be inflated',
      pngWith(
        png,
        chunk('zTXt', latin1('Author\0\0junk')),
        textChunk('Author', 'Zo\xeb'),
        textChunk('Copyright', '\xa9 Zo\xeb'),
      ),
    ],
  ])('credits of a PNG are read from its texts %s', async (_, file) => {
    expect(await creditsIn(file)).toEqual({ creator: 'Zoë', copyright: '© Zoë' });
  });

  it('texts of a PNG with other keywords are ignored', async () => {
    const others = [
      textChunk('Authors', 'Eve'),
      textChunk('author', 'Eve'),
      textChunk('Comment', 'Author\0Eve'),
    ];
    expect(await creditsIn(pngWith(png, ...others))).toEqual({});
  });

  it('texts of a PNG have the lowest precedence', async () => {
    const file = pngWith(
      png,
      textChunk('Author', 'Eve'),
      textChunk('Copyright', '\xa9 Eve'),
      internationalText('XML:com.adobe.xmp', packetOf('Ada'), false),
    );
    expect(await creditsIn(file)).toEqual({ creator: 'Ada', copyright: '© Eve' });
  });

  it('texts of a PNG are read up to a realistic size, however much they inflate to', async () => {
    const file = pngWith(
      png,
      compressedText('Author', Buffer.alloc(3_000_000, 'Eve ')),
      internationalText('Copyright', Buffer.alloc(100_000, 'Eve'), false),
    );
    expect(await creditsIn(file)).toEqual({});
  });
});

describe('the amount that is searched', () => {
  const many = (piece: Buffer, count: number) => Array.from({ length: count }, () => piece);

  it.each<[string, (count: number) => Buffer, number]>([
    [
      'of the segments of a JPEG',
      (count) => jpegWith(jpeg, ...many(segment(0xfe, Buffer.alloc(0)), count), app13(byLine('Ada'))),
      1_000,
    ],
    [
      'of the chunks of a PNG',
      (count) => pngWith(png, ...many(chunk('prVt', Buffer.alloc(0)), count), textChunk('Author', 'Ada')),
      10_000,
    ],
  ])('no more is searched than writers write %s', (name, file, most) => {
    const type = name.endsWith('PNG') ? 'png' : 'jpeg';
    const creditsBehind = (count: number) => readCredits(blocksOf({}, type, file(count)));
    expect(creditsBehind(most - 50)).toEqual({ creator: 'Ada' });
    expect(creditsBehind(most)).toEqual({});
  });
});

describe('credits of a TIFF', () => {
  const lead = plain(4, 4, [1, 2, 3]).data;
  const page = (...tags: Parameters<typeof tiffFile>[0]['chain'][number]) =>
    tiffFile({ lead, chain: [[...pageTags(4, 4, 8), ...tags]] });
  const bare = undefinedTag(33_723, iptc([2, 80, 'Ada']));
  const among = { id: 34_377, type: 1, data: byLine('Ada') };

  it.each([
    ['in IPTC', page(bare)],
    ['in a resource of Photoshop', page(among)],
    ['in both', page(bare, among)],
    ['in its own tags, in UTF-8 as EXIF 3.0 has it', page({ ...ascii(0x013b, 'Ada'), type: 129 })],
  ])('credits of a TIFF are read %s', async (_, file) => {
    expect(await creditsIn(file)).toEqual({ creator: 'Ada' });
  });
});
