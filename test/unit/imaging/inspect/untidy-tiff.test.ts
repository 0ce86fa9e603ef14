import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readPixels } from '../../../../lambda/imaging/decode/pixels.ts';
import { isUntidyTag } from '../../../../lambda/imaging/inspect/tiff-warnings.ts';
import { noise, type Pixels } from '../fixtures.ts';
import { made, pixelsOf } from '../in-process.ts';
import { ascii, latin1, long, pageTags, short, type Tag, tiffFile } from './containers.ts';
import { type Page, pageTiff, unsorted } from './tiffs.ts';

const presets = { whole: { width: 64, formats: ['png' as const] } };
const { data, width, height } = noise(64, 48);
const page: Page = { width, height, strip: data };
const deflated: Page = { width, height, strip: deflateSync(data), compression: 8 };
const text = (id: number, value: string): Tag => ({ id, type: 2, data: latin1(value) });
const [make, artist, description, xResolution, pageNumber, copyright] = [271, 315, 270, 282, 297, 33432];

/** Faults that libtiff warns of and that do not affect decoding. */
const untidy: Record<string, (page: Page) => Buffer> = {
  'a text without NUL': (whole) => pageTiff({ ...whole, tags: [text(description, 'scanned by Model X')] }),
  'an empty text': (whole) => pageTiff({ ...whole, tags: [text(artist, ' ')] }),
  'a text of two': (whole) => pageTiff({ ...whole, tags: [text(make, 'Maker\0more\0')] }),
  'a padded text': (whole) => pageTiff({ ...whole, tags: [text(make, 'Maker\0\0\0\0\0')] }),
  'a text that is a number': (whole) => pageTiff({ ...whole, tags: [long(copyright, 1)] }),
  'a number that is a text': (whole) => pageTiff({ ...whole, tags: [ascii(xResolution, '72 dpi')] }),
  'too many numbers for a tag': (whole) => pageTiff({ ...whole, tags: [short(pageNumber, 1, 2, 3, 4)] }),
  'tags out of order': (whole) => unsorted(pageTiff(whole)),
  'no count of bytes': (whole) => pageTiff({ ...whole, without: [279] }),
  'all of them': (whole) =>
    unsorted(
      pageTiff({
        ...whole,
        tags: [text(description, 'no end'), text(make, 'a\0b\0'), short(65_000, 1), ascii(xResolution, '7')],
        without: [279],
      }),
    ),
};

async function outcomeOf(tiff: Buffer): Promise<unknown> {
  return made(tiff, presets).then(
    (decoded) => pixelsOf(decoded, 'whole.png'),
    (error: unknown) => error,
  );
}

const sound: Pixels = { data, width, height, channels: 3 };

describe.each([
  ['a TIFF', page, { ...page, strip: data.subarray(0, data.length - 2000) }],
  ['a deflated one', deflated, { ...deflated, strip: Buffer.from(deflated.strip).fill(0, 3000, 3400) }],
])('%s with untidy tags', (_, whole, damaged) => {
  it.each(Object.entries(untidy))('sound pixels with untidy tags give the picture: %s', async (_, edit) => {
    await expect(sharp(edit(whole)).raw().toBuffer(), 'what the codec alone says').rejects.toThrow(
      'Warning treated as error',
    );
    expect(await outcomeOf(edit(whole))).toEqual(sound);
  });

  it.each(Object.entries(untidy))('damaged pixels with untidy tags are refused: %s', async (_, edit) => {
    expect(await outcomeOf(edit(damaged))).toMatchObject({ code: 'corrupt_image' });
  });
});

/** A strip of PackBits; with `overrun` the last run exceeds the last row, of which libtiff only warns. */
function packed(rows: Buffer, overrun: boolean): Buffer {
  const literals = Array.from({ length: rows.length / 128 }, (_, index) =>
    Buffer.concat([Buffer.from([127]), rows.subarray(index * 128, (index + 1) * 128)]),
  );
  if (overrun) literals.splice(-1, 1, Buffer.from([257 - 100, 1]), Buffer.from([257 - 100, 2]));
  return Buffer.concat(literals);
}

it('a warning about the data means damage, even after warnings about tags', async () => {
  const half = data.length / 2;
  const strips = (overrun: boolean, ...tags: Tag[]) => {
    const [first, second] = [packed(data.subarray(0, half), false), packed(data.subarray(half), overrun)];
    const where = [
      short(273, 8, 8 + first.length),
      short(278, height / 2),
      short(279, first.length, second.length),
    ];
    const strip = Buffer.concat([first, second]);
    return pageTiff({ width, height, strip, compression: 32_773, tags: [...where, ...tags] });
  };
  const odd = text(make, 'a\0b\0');
  expect(await outcomeOf(strips(false, odd))).toEqual(sound);
  expect(await outcomeOf(strips(true))).toMatchObject({ code: 'corrupt_image' });
  expect(await outcomeOf(strips(true, odd))).toMatchObject({ code: 'corrupt_image' });
});

it.each([
  ['a tidy file', pageTiff(page), 1],
  ['an untidy one', pageTiff({ ...page, tags: [text(make, 'a\0b\0')] }), 2],
  ['a damaged one', pageTiff({ ...deflated, strip: Buffer.from(deflated.strip).fill(0, 3000, 3400) }), 1],
])('%s is not read more often than necessary', async (_, tiff, times) => {
  let opened = 0;
  const open = (failOn: 'warning' | 'error') => {
    opened++;
    return sharp(tiff, { failOn }).raw();
  };
  await readPixels(open, { type: 'tiff', maxPixels: 1e6 }).catch(() => undefined);
  expect(opened).toBe(times);
});

describe('a TIFF with a sound first page', () => {
  const tiff = pageTiff(page);
  const directory = tiff.readUInt32LE(4);
  const next = directory + 2 + 12 * tiff.readUInt16LE(directory);
  it.each([
    ['a page beyond the end', 0x7fff_ffff],
    ['a page within the pixels', 500],
    ['a page in the header', 1],
    ['itself', directory],
    ['the last byte', tiff.length - 1],
  ])('only the first page counts if the next one is %s', async (_, offset) => {
    const odd = Buffer.from(tiff);
    odd.writeUInt32LE(offset, next);
    await expect(sharp(odd).raw().toBuffer(), 'what the codec alone says').rejects.toThrow();
    expect(await outcomeOf(odd)).toEqual(sound);
  });

  it('only the first page counts if pixels follow its directory, where the next offset should be', async () => {
    const end = next - directory;
    const moved = Buffer.concat([
      Buffer.from('49492a0008000000', 'hex'),
      tiff.subarray(directory, next),
      data,
    ]);
    const strip = 8 + end;
    // Entries of 12 bytes, found by tag: the offset of the strip, and that of the three bit depths.
    for (let entry = 10; entry < strip; entry += 12) {
      if (moved.readUInt16LE(entry) === 273) moved.writeUInt32LE(strip, entry + 8);
      if (moved.readUInt16LE(entry) === 258) moved.writeUInt32LE(strip + data.length, entry + 8);
    }
    const whole = Buffer.concat([moved, Buffer.from([8, 0, 8, 0, 8, 0])]);
    expect(await outcomeOf(whole)).toEqual(sound);
  });

  it('only the first page counts if the next one is damaged', async () => {
    const strip = Buffer.concat([data, data.subarray(0, 10)]);
    const two = tiffFile({ lead: strip, chain: [pageTags(width, height, 8), pageTags(width, 5000, 9)] });
    const decoded = await made(two, presets);
    expect(await pixelsOf(decoded, 'whole.png')).toEqual(sound);
  });
});

it('a refusal names the damage and not the tags', async () => {
  const { strip } = deflated;
  const cut = pageTiff({
    ...deflated,
    strip: Buffer.from(strip).fill(0, 3000, 3400),
    tags: [text(make, 'a\0b\0')],
  });
  // The warning about the text contains "truncated".
  expect(await outcomeOf(cut)).toMatchObject({
    detail: 'The TIFF is damaged: its data could not be decoded.',
  });
});

describe('warnings of libtiff 4.7', () => {
  it.each([
    'ASCII value for tag "Artist" does not end in null byte. Forcing it to be null',
    'ASCII value for tag "Make" contains null byte in value; value incorrectly truncated during reading due to implementation limitations',
    'ASCII value for ASCII array tag "InkNames" does not end in null byte. Forcing it to be null',
    'Invalid TIFF directory; tags are not sorted in ascending order',
    'Unknown field with tag 65000 (0xfde8) encountered',
    'Registering anonymous field with tag 65000 (0xfde8) failed',
    'Warning, unknown tag 0xfde8',
    'incorrect count for field "PageNumber" (4, expecting 2); tag trimmed',
    'incorrect count for field "Copyright" (0, expecting 1); tag ignored',
    'incorrect count for field "DotRange", expected 2, got 3',
    'Incorrect count for "XResolution"; tag ignored',
    'Incompatible type for "XResolution"; tag ignored',
    'IO error during reading of "ICC Profile"; tag ignored',
    'Incorrect value for "ResolutionUnit"; tag ignored',
    'Cannot handle different values per sample for "SMinSampleValue"; tag ignored',
    'Sanity check on size of "Photoshop" value failed; tag ignored',
    'Out of memory reading of "XMLPacket"; tag ignored',
    'Wrong data type 2 for "XResolution"; tag ignored',
    'Ignoring TransferFunction since BitsPerSample tag not found',
    'Tag BitsPerSample entry count is 1 , whereas it should be SamplesPerPixel=3. Assuming that missing entries are all at the value of the first one',
    'Tag SampleFormat entry count is 4 , whereas it should be SamplesPerPixel=3. Ignoring extra entries',
    "Sum of Photometric type-related color channels and ExtraSamples doesn't match SamplesPerPixel. Defining non-color channels as ExtraSamples.",
    'SamplesPerPixel tag value is changing, but SMinSampleValue tag was read with a different value. Canceling it',
    'ExtraSamples tag value is changing, but TransferFunction was read with a different value. Canceling it',
    'TIFF directory is missing required "StripByteCounts" field, calculating from imagelength',
    'Auto-corrected former TIFF subsampling values [2,2] to match subsampling values inside JPEG compressed data [1,1]',
    'more than one alpha -- ignoring',
    'assuming 8-bit palette',
    'Invalid embedded profile',
  ])('this warning does not mean damage: %s', (warning) => {
    expect(isUntidyTag(warning)).toBe(true);
  });

  it.each([
    'Incorrect count for "StripOffsets"; tag ignored',
    'Incompatible type for "ColorMap"; tag ignored',
    'Incorrect value for "PlanarConfiguration"; tag ignored',
    'Cannot handle different values per sample for "SampleFormat"; tag ignored',
    'Wrong data type 5 for "Compression"; tag ignored',
    'incorrect count for field "YCbCrCoefficients" (2, expecting 3); tag ignored',
    'Ignoring ColorMap since BitsPerSample tag not found',
    'Invalid data type for tag StripOffsets',
    'Planarconfig tag value assumed incorrect, assuming data is contig instead of chunky',
    'Photometric tag value assumed incorrect, assuming data is YCbCr instead of RGB',
    'BitsPerSample tag is missing, assuming 8 bits per sample',
    'Bogus "StripByteCounts" field, ignoring and calculating from imagelength',
    'Wrong "StripByteCounts" field, ignoring and calculating from imagelength',
    'Requested memory size for tag 34675 (0x8773) 1879048192 is greater than filesize 200. Memory not allocated, tag not read',
    'TIFF directory 0 has IFD looping to directory 0 at offset 0x8 (8)',
    'the next directory 1 at offset 0x8 (8) might be an IFD loop. Treating directory 0 as last directory',
    'Nonstandard tile width 30, convert file',
    'RowsPerStrip is zero',
    'Premature EOL at line 4 of strip 0 (got 12, expected 64)',
    'Line length mismatch at line 4 of strip 0 (got 72, expected 64)',
    'Premature EOF at line 4 of strip 0 (x 3)',
    'Discarding 4 bytes to avoid buffer overrun',
    'Terminating PackBitsDecode due to lack of data.',
    'LZWDecode: Strip 0 not terminated with EOI code',
    'Old-style LZW codes, convert file',
    'Corrupt JPEG data: bad Huffman code',
    'Improper JPEG strip/tile size, expected 64x48, got 64x40',
    'fractional scanline not read',
    'Assuming 8-bit colormap of nonsense',
    'an unknown warning',
  ])('this warning means damage: %s', (warning) => {
    expect(isUntidyTag(warning)).toBe(false);
  });
});
