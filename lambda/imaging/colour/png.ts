import { chunksBeforePixels } from '../inspect/png-chunks.ts';
import { type CodePoints, spaceOfCodePoints } from './cicp.ts';
import { type Chromaticities, type RgbSpace, rec709, spaceOf, srgbCurve } from './space.ts';

/** `gAMA` and chromaticities of sRGB, for decoders without `sRGB` chunks, and the tolerance of sRGB. */
const gammaOfSrgb = { value: 45455, tolerance: 600 };
const chromaticityTolerance = 0.005;

/**
 * The space of a PNG by chunks that the codec does not read: `cICP`, or, without a profile and `sRGB`, `gAMA` and `cHRM`
 * (PNG, third edition, 4.3). Undefined without them.
 */
export function spaceOfPng(png: Uint8Array, hasProfile: boolean): RgbSpace | undefined {
  const chunks = colourChunks(png);
  const points = codePoints(chunks.get('cICP'));
  const coded = points && spaceOfCodePoints(points);
  if (coded !== undefined) return coded;
  return hasProfile || chunks.has('sRGB') ? undefined : measured(chunks.get('gAMA'), chunks.get('cHRM'));
}

const names = new Set(['cICP', 'sRGB', 'gAMA', 'cHRM']);

/** The colour chunks before the pixels; of duplicates the first valid one. */
function colourChunks(png: Uint8Array): Map<string, Buffer> {
  const chunks = new Map<string, Buffer>();
  for (const { name, data, isSound } of chunksBeforePixels(png))
    if (names.has(name) && !chunks.has(name) && isSound()) chunks.set(name, data);
  return chunks;
}

/** Pixels of a PNG are RGB: its only matrix coefficient is 0. */
function codePoints(chunk: Buffer | undefined): CodePoints | undefined {
  if (chunk?.length !== 4 || chunk[2] !== 0) return undefined;
  return { primaries: chunk[0] as number, transfer: chunk[1] as number, fullRange: chunk[3] === 1 };
}

/** Each may occur alone; the other is then sRGB's. */
function measured(gAMA: Buffer | undefined, cHRM: Buffer | undefined): RgbSpace | undefined {
  const gamma = gAMA?.length === 4 ? gAMA.readUInt32BE() : 0;
  const primaries = (cHRM?.length === 32 ? chromaticities(cHRM) : undefined) ?? rec709;
  const ofSrgb = Math.abs(gamma - gammaOfSrgb.value) <= gammaOfSrgb.tolerance && isNear(primaries, rec709);
  if (gamma === 0 || ofSrgb) return spaceOf(srgbCurve, primaries);
  return spaceOf((stored) => stored ** (100_000 / gamma), primaries);
}

function chromaticities(cHRM: Buffer): Chromaticities | undefined {
  const pair = (index: number) =>
    [cHRM.readUInt32BE(index * 8) / 1e5, cHRM.readUInt32BE(index * 8 + 4) / 1e5] as const;
  const found = { white: pair(0), red: pair(1), green: pair(2), blue: pair(3) };
  const { toXyz } = spaceOf(srgbCurve, found);
  // Zeros, or primaries on one line, span no space.
  return toXyz.every((value) => Math.abs(value) <= 4) ? found : undefined;
}

function isNear(a: Chromaticities, b: Chromaticities): boolean {
  const numbers = ({ red, green, blue, white }: Chromaticities) => [...red, ...green, ...blue, ...white];
  const others = numbers(b);
  return numbers(a).every((value, at) => Math.abs(value - (others[at] as number)) <= chromaticityTolerance);
}
