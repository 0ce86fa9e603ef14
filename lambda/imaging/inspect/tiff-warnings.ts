/*
 * Warnings of libtiff 4.7 and libvips 8.18 that say nothing about pixels: texts, unused tags, and values that the pixels
 * themselves correct. All others mean damage, above all those of strips, tiles and codecs (fax lines, PackBits, LZW, JPEG),
 * and of byte counts that do not fit.
 */

/** Tags that locate and describe pixels, in libtiff's names: without one of them the image may be another. */
const pixelTags = new Set(
  `
  ImageWidth ImageLength ImageDepth BitsPerSample Compression PhotometricInterpretation FillOrder
  StripOffsets StripByteCounts RowsPerStrip TileWidth TileLength TileDepth TileOffsets
  TileByteCounts SamplesPerPixel PlanarConfiguration Predictor ColorMap Indexed InkSet NumberOfInks
  ExtraSamples Matteing SampleFormat DataType YCbCrCoefficients YCbCrSubsampling ReferenceBlackWhite
  Decode JPEGTables Group3Options Group4Options
`
    .trim()
    .split(/\s+/),
);

/** Harmless where pixels do not depend on the named tag. */
const ofOneTag: readonly RegExp[] = [
  /^ASCII value for (?:ASCII array )?tag "(.+)" (?:does not end in null byte|contains null byte in value)/,
  /^(?:Incorrect count for|Incompatible type for|IO error during reading of|Incorrect value for|Out of memory reading of) "(.+)"; tag ignored$/,
  /^Cannot handle different values per sample for "(.+)"; tag ignored$/,
  /^Sanity check on size of "(.+)" value failed; tag ignored$/,
  /^Wrong data type \d+ for "(.+)"; tag ignored$/,
  /^incorrect count for field "(.+)" \(\d+, expecting \d+\); tag (?:ignored|trimmed)$/,
  /^incorrect count for field "(.+)", expected \d+, got \d+$/,
  /^Ignoring (.+) (?:since BitsPerSample tag not found|because BitsPerSample=\d+>24)$/,
  /^Invalid data type for tag (.+)\. ASCII or RATIONAL expected$/,
  /: Null count for "(.+)" \(type \d+, writecount -?\d+, passcount \d+\)$/,
];

const ofNoPixels: readonly RegExp[] = [
  // libtiff reads them in any order.
  /^Invalid TIFF directory; tags are not sorted in ascending order$/,
  // A private tag.
  /^Unknown field with tag \d+ \(0x[0-9a-f]+\) encountered$/,
  /^Registering anonymous field with tag \d+ \(0x[0-9a-f]+\) failed$/,
  /^Warning, unknown tag /,
  // One value for all samples, or more values than samples: those present are used.
  /^Tag .+ entry count is \d+ ?, whereas it should be SamplesPerPixel=\d+\. (?:Assuming that missing entries|Ignoring extra entries)/,
  // Undeclared alpha; `pageOfTiff` finds its channel.
  /^Sum of Photometric type-related color channels and ExtraSamples doesn't match SamplesPerPixel\./,
  /^more than one alpha -- ignoring$/,
  /^(?:ExtraSamples|SamplesPerPixel) tag value is changing, but .+ Cancel+ing it$/,
  // Only of a single strip; where it is too short for its rows, reading it is an error.
  /^TIFF directory is missing required "StripByteCounts" field, calculating from imagelength$/,
  // Old palettes have 8 bits.
  /^assuming 8-bit palette$/i,
  // The JPEG inside has the right value.
  /^Auto-corrected former TIFF subsampling values /,
  /^The JPEG strip\/tile is encoded with progressive mode, which is normally not legal for JPEG-in-TIFF\.$/,
  /^libtiff should be able to decode it, but it might cause compatibility issues with other readers$/,
  // A profile that cannot be read counts as none.
  /^(?:Invalid embedded profile|Invalid profile|corrupt profile|unsupported profile|profile incompatible with image)$/,
  /^(?:fallback to suggested|profile does not support) .+ intent/,
];

/** True for a warning that says nothing about pixels. */
export function isUntidyTag(warning: string): boolean {
  const named = ofOneTag.map((text) => text.exec(warning)?.[1]).find((name) => name !== undefined);
  if (named !== undefined) return !pixelTags.has(named);
  return ofNoPixels.some((text) => text.test(warning));
}
