import { iccCurve } from './icc-curve.ts';
import { columns, type Triple } from './matrix.ts';
import { type Curve, greySpace, type RgbSpace } from './space.ts';

/** Device classes that describe pixels; links, abstract and named-colour profiles do not. */
const classes = new Set(['scnr', 'mntr', 'prtr', 'spac']);
/** Colorants beyond this are damage: the widest spaces stay within -0.2 and 1.2. */
const largestColorant = 4;

/**
 * The space of an ICC profile with a matrix and curves, as of cameras and screens, or with one curve, for grey. Undefined
 * for all others: tables (A2B), CMYK, Lab, and unreadable profiles.
 * @param data required colour space of the profile: `RGB ` or `GRAY`
 */
export function spaceOfProfile(profile: Buffer, data: 'RGB ' | 'GRAY'): RgbSpace | undefined {
  if (profile.length < 132) return undefined;
  const text = (at: number) => profile.toString('latin1', at, at + 4);
  if (text(36) !== 'acsp' || !classes.has(text(12)) || text(16) !== data) return undefined;
  const tags = tagsOf(profile);
  // LittleCMS prefers tables where present.
  if (tags.has('A2B0') || tags.has('D2B0')) return undefined;
  return data === 'GRAY' ? grey(profile, tags, text(20)) : matrixAndCurves(profile, tags, text(20));
}

function grey(profile: Buffer, tags: Map<string, number>, connection: string): RgbSpace | undefined {
  const curve = curveOf(profile, tags, 'kTRC');
  if (curve === undefined) return undefined;
  if (connection === 'XYZ ') return greySpace(curve);
  return connection === 'Lab ' ? greySpace((stored) => luminance(curve(stored) * 100)) : undefined;
}

function matrixAndCurves(
  profile: Buffer,
  tags: Map<string, number>,
  connection: string,
): RgbSpace | undefined {
  const [red, green, blue] = ['rXYZ', 'gXYZ', 'bXYZ'].map((tag) => xyzOf(profile, tags, tag));
  const [r, g, b] = ['rTRC', 'gTRC', 'bTRC'].map((tag) => curveOf(profile, tags, tag));
  if (connection !== 'XYZ ' || !red || !green || !blue || !r || !g || !b) return undefined;
  return { curves: [r, g, b], toXyz: columns(red, green, blue) };
}

function tagsOf(profile: Buffer): Map<string, number> {
  const tags = new Map<string, number>();
  const count = profile.readUInt32BE(128);
  for (let index = 0, at = 132; index < count && at + 12 <= profile.length; index++, at += 12)
    tags.set(profile.toString('latin1', at, at + 4), profile.readUInt32BE(at + 4));
  return tags;
}

function curveOf(profile: Buffer, tags: Map<string, number>, tag: string): Curve | undefined {
  const at = tags.get(tag);
  return at === undefined ? undefined : iccCurve(profile, at);
}

function xyzOf(profile: Buffer, tags: Map<string, number>, tag: string): Triple | undefined {
  const at = tags.get(tag);
  if (at === undefined || at + 20 > profile.length) return undefined;
  if (profile.toString('latin1', at, at + 4) !== 'XYZ ') return undefined;
  const part = (index: number) => profile.readInt32BE(at + 8 + index * 4) / 65536;
  const xyz: Triple = [part(0), part(1), part(2)];
  return xyz.every((value) => Math.abs(value) <= largestColorant) ? xyz : undefined;
}

/** Y of CIE L* (0-100). */
function luminance(lightness: number): number {
  return lightness > 8 ? ((lightness + 16) / 116) ** 3 : lightness / 903.3;
}
