import { afterAll, describe, expect, it } from 'vitest';
import type { Rejection } from '../../../../lambda/domain/failure.ts';
import { acceptedInputs, inputTypes } from '../../../../lambda/domain/inputs.ts';
import { acceptedType } from '../../../../lambda/imaging/inspect/accepted.ts';
import { fileType } from '../../../../lambda/imaging/inspect/file-type.ts';
import { draw, noise, quartered } from '../fixtures.ts';
import { openLane } from '../sandbox-folder.ts';
import { withBrands } from './avif-files.ts';
import { jpegWith, latin1, segment } from './containers.ts';
import { rejectionOf } from './rejection-of.ts';

const presets = { small: { width: 64 } };
const byDefault = openLane({ presets });
const withAvif = openLane({ presets, inputs: { tiff: false, avif: true } });
afterAll(() => {
  byDefault.close();
  withAvif.close();
});

const picture = draw(quartered(40, 30));
const fileOf = (type: (typeof inputTypes)[number]) => picture.clone()[type]().toBuffer();

async function refusalOf(work: Promise<unknown>): Promise<Rejection> {
  const outcome = await rejectionOf(work);
  expect(outcome.code).toBe('unsupported_type');
  return outcome;
}

describe('files that are not accepted', () => {
  it.each([
    ['text', 'text', latin1('hello, I am a text file renamed to photo.jpg')],
    ['SVG', 'SVG', latin1('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['SVG behind a comment and a mark', 'SVG', Buffer.from('\ufeff  <!-- x --><svg width="9"></svg>')],
    ['HTML', 'HTML', latin1('<!doctype html><title>hello</title>')],
    ['PDF', 'PDF', latin1('%PDF-1.7 and so on')],
    ['BMP', 'BMP', latin1('BM6\0\0\0\0\0\0\0\x36\0\0\0(\0\0\0')],
    ['HEIC', 'HEIC', latin1('\0\0\0\x18ftypheic\0\0\0\0mif1heic')],
    ['HEIF of the general brand', 'HEIF', latin1('\0\0\0\x18ftypmif1\0\0\0\0heicmif1')],
    ['HEIF of the brand for interchange', 'HEIF', latin1('\0\0\0\x18ftypmiaf\0\0\0\0mif1heic')],
    [
      'a sequence of AVIF that is a still as well',
      'an AVIF sequence',
      latin1('\0\0\0\x18ftypavis\0\0\0\0mif1avif'),
    ],
    ['a version that reads like a brand', 'HEIF', latin1('\0\0\0\x18ftypmif1avifmif1heic')],
    ['a brand behind the list', 'HEIF', latin1('\0\0\0\x14ftypmif1\0\0\0\0heicavif')],
    ['a video', 'a video', latin1('\0\0\0\x18ftypisom\0\0\0\0isomavc1')],
    ['JPEG XL', 'JPEG XL', latin1('\xff\x0a\0\0\0\0\0\0\0\0\0\0')],
    ['Canon raw', 'a raw file of a camera', latin1('II*\0\x10\0\0\0CR\x02\0\0\0\0\0')],
    ['a colour profile', 'a colour profile', Buffer.concat([Buffer.alloc(36), latin1('acspMSFT')])],
    ['noise', 'an unknown type', Buffer.from(noise(20, 20).data)],
    ['a byte', 'too short to be an image', Buffer.from([0xff])],
    ['the head of a JPEG and its end', 'too short to be an image', Buffer.from('ffd8ffd9', 'hex')],
  ])('the detail names a file that is not accepted: %s', async (_, found, bytes) => {
    const { detail } = await refusalOf(byDefault.decode(bytes));
    expect(detail).toBe(`The file is ${found}. Accepted are JPEG, PNG, WebP, GIF, TIFF.`);
  });

  it('the detail of a type that is disabled lists the enabled ones', async () => {
    const avif = await refusalOf(byDefault.decode(await fileOf('avif')));
    expect(avif.detail).toBe('The file is AVIF. Accepted are JPEG, PNG, WebP, GIF, TIFF.');
    const tiff = await refusalOf(withAvif.decode(await fileOf('tiff')));
    expect(tiff.detail).toBe('The file is TIFF. Accepted are JPEG, PNG, WebP, GIF, AVIF.');
  });

  it('a disabled AVIF is recognised by its other brands', async () => {
    const other = withBrands(await fileOf('avif'), ['miaf', 'mif1', 'avif', 'MA1A']);
    const { detail } = await refusalOf(byDefault.decode(other));
    expect(detail).toBe('The file is AVIF. Accepted are JPEG, PNG, WebP, GIF, TIFF.');
  });

  it('a file with the first bytes of a type and nothing else is corrupt_image', async () => {
    const { detail } = await refusalOf(
      byDefault.decode(Buffer.concat([latin1('II*\0'), Buffer.alloc(200, 0x20)])),
    );
    expect(detail).toContain('begins like TIFF');
  });

  it('HEVC with the brand of AVIF is refused as such, whatever else is wrong with it', async () => {
    const avif = await fileOf('avif');
    let at = avif.indexOf('av01');
    expect(at).toBeGreaterThan(0);
    for (; at > 0; at = avif.indexOf('av01', at)) avif.write('hvc1', at, 'latin1');
    const outcome = await withAvif.decode(avif).catch((error: unknown) => error);
    expect(outcome).toMatchObject({
      name: 'Rejection',
      code: expect.stringMatching(/unsupported_type|corrupt_image/),
    });
  });
});

describe('types by their first bytes', () => {
  it.each([
    ['jpeg', 'ffd8ffe000104a46494600010100'],
    ['png', '89504e470d0a1a0a0000000d49484452'],
    ['webp', '524946460000000057454250'],
    ['gif', '474946383961010001000000'],
    ['tiff', '4d4d002a0000000800000000'],
    ['avif', '000000206674797061766966'],
    ['avif', '00000020667479706d69663100000000617669666d696631'],
  ])('the first bytes identify %s', (type, hex) => {
    expect(fileType(Buffer.from(hex, 'hex'))).toEqual({ type });
  });

  it('a RIFF that is no WebP is not taken for one', () => {
    expect(fileType(latin1('RIFF\0\0\0\0WAVEfmt ')).type).toBeUndefined();
  });

  it.each([
    ['mif1', 'avif', 'miaf', 'MA1A'],
    ['mif1', 'miaf', 'MA1A', 'avif'],
    ['miaf', 'mif1', 'avif', 'MA1A'],
    ['msf1', 'mif1', 'avif', 'MA1A'],
    ['MA1B', 'mif1', 'miaf', 'avif'],
  ])('an AVIF of the brands %s, %s, %s, %s is accepted', async (...brands) => {
    const plain = await fileOf('avif');
    const other = withBrands(plain, brands);
    const [expected, decoded] = [await withAvif.decode(plain), await withAvif.decode(other)];
    expect(decoded.original).toEqual(expected.original);
    expect(decoded.variants.map(({ sha256 }) => sha256)).toEqual(
      expected.variants.map(({ sha256 }) => sha256),
    );
  });

  it('every optional type is decoded when it is enabled', async () => {
    for (const type of inputTypes) {
      const lane = type === 'avif' ? withAvif : byDefault;
      const { original } = await lane.decode(await fileOf(type));
      expect(original).toMatchObject({ contentType: `image/${type}`, width: 40, height: 30, frames: 1 });
    }
  });

  it('by default AVIF is disabled and TIFF is enabled', () => {
    expect(acceptedInputs(byDefault.settings.inputs)).toEqual(['jpeg', 'png', 'webp', 'gif', 'tiff']);
  });

  it('with all types blocked the detail lists none', () => {
    const all = () =>
      acceptedType(Buffer.from('GIF89a\0\0\0\0\0\0\0'), byDefault.settings.inputs, inputTypes);
    expect(all).toThrow('The file is GIF, which is switched off for now. None is accepted for now.');
  });
});

describe('a JPEG followed by a second picture', () => {
  it('MPF and Ultra HDR files are read as their first JPEG', async () => {
    const gainMap = await draw(quartered(20, 15)).jpeg().toBuffer();
    const xmp = latin1(
      'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
        '<rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"/></rdf:RDF></x:xmpmeta>',
    );
    const primary = jpegWith(
      await fileOf('jpeg'),
      segment(0xe1, xmp),
      segment(0xe2, latin1('MPF\0II*\0\x08\0\0\0\0\0\0\0')),
    );
    const decoded = await byDefault.decode(Buffer.concat([primary, gainMap]));
    expect(decoded.original).toMatchObject({ contentType: 'image/jpeg', width: 40, height: 30 });
    const plain = await byDefault.decode(await fileOf('jpeg'));
    expect(decoded.variants.map(({ sha256 }) => sha256)).toEqual(plain.variants.map(({ sha256 }) => sha256));
  });
});
