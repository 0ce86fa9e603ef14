import type { Curve } from './space.ts';

/**
 * A tone curve of an ICC profile, `curveType` or `parametricCurveType` (ICC.1:2022, 10.6 and 10.18), whose element starts
 * at `at`. Undefined for other elements, or where it exceeds the profile.
 */
export function iccCurve(profile: Buffer, at: number): Curve | undefined {
  if (at + 12 > profile.length) return undefined;
  const type = profile.toString('latin1', at, at + 4);
  const curve =
    type === 'curv' ? sampled(profile, at) : type === 'para' ? parametric(profile, at) : undefined;
  return curve && ((stored) => bounded(curve(stored)));
}

/** No entry: the identity; one: an exponent; more: light at even distances. */
function sampled(profile: Buffer, at: number): Curve | undefined {
  const count = profile.readUInt32BE(at + 8);
  const first = at + 12;
  if (first + count * 2 > profile.length) return undefined;
  if (count === 0) return (stored) => stored;
  if (count === 1) {
    const exponent = profile.readUInt16BE(first) / 256;
    return (stored) => stored ** exponent;
  }
  const entry = (index: number) => profile.readUInt16BE(first + index * 2) / 65535;
  return (stored) => {
    const place = stored * (count - 1);
    const below = Math.min(count - 2, Math.floor(place));
    return entry(below) + (entry(below + 1) - entry(below)) * (place - below);
  };
}

/** Number of parameters of each function type. */
const parameterCounts = [1, 3, 4, 5, 7];

function parametric(profile: Buffer, at: number): Curve | undefined {
  const kind = profile.readUInt16BE(at + 8);
  const count = parameterCounts[kind];
  if (count === undefined || at + 12 + count * 4 > profile.length) return undefined;
  const p = Array.from({ length: count }, (_, index) => profile.readInt32BE(at + 12 + index * 4) / 65536);
  const [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = p;
  const power = (stored: number) => (a * stored + b) ** g;
  switch (kind) {
    case 0:
      return (stored) => stored ** g;
    case 1:
      return (stored) => (stored >= -b / a ? power(stored) : 0);
    case 2:
      return (stored) => (stored >= -b / a ? power(stored) : 0) + c;
    case 3:
      return (stored) => (stored >= d ? power(stored) : c * stored);
    default:
      return (stored) => (stored >= d ? power(stored) + e : c * stored + f);
  }
}

/** Clamped to 0-1; NaN becomes 0. */
function bounded(light: number): number {
  return light >= 0 ? Math.min(1, light) : 0;
}
