import { hlgCurve, pqCurve } from './hdr.ts';
import { type Chromaticities, type Curve, d65, type RgbSpace, rec709, spaceOf, srgbCurve } from './space.ts';

/** Coding-independent code points (ITU-T H.273), as PNG's `cICP` and AVIF's `colr` carry them. */
export interface CodePoints {
  primaries: number;
  transfer: number;
  /** False where 8-bit black is 16 and white 235, as in video. */
  fullRange: boolean;
}

const rec601: Chromaticities = { red: [0.63, 0.34], green: [0.31, 0.595], blue: [0.155, 0.07], white: d65 };
const whiteC = [0.31, 0.316] as const;

/** H.273, table 2. */
const primaries: Readonly<Record<number, Chromaticities>> = {
  1: rec709,
  4: { red: [0.67, 0.33], green: [0.21, 0.71], blue: [0.14, 0.08], white: whiteC },
  5: { red: [0.64, 0.33], green: [0.29, 0.6], blue: [0.15, 0.06], white: d65 },
  6: rec601,
  7: rec601,
  8: { red: [0.681, 0.319], green: [0.243, 0.692], blue: [0.145, 0.049], white: whiteC },
  9: { red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046], white: d65 },
  11: { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: [0.314, 0.351] },
  12: { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: d65 },
  22: { red: [0.63, 0.34], green: [0.295, 0.605], blue: [0.155, 0.077], white: d65 },
};

/**
 * H.273, table 3. The curves of BT.709, 601 and 2020 describe cameras; images tagged so are made and viewed on sRGB
 * screens, and Chromium, too, uses sRGB's curve for them.
 */
const transfers: Readonly<Record<number, Curve>> = {
  1: srgbCurve,
  4: (stored) => stored ** 2.2,
  5: (stored) => stored ** 2.8,
  6: srgbCurve,
  8: (stored) => stored,
  13: srgbCurve,
  14: srgbCurve,
  15: srgbCurve,
  16: pqCurve,
  18: hlgCurve,
};

/** Undefined for points that images do not use, and for "unspecified". */
export function spaceOfCodePoints({ primaries: p, transfer, fullRange }: CodePoints): RgbSpace | undefined {
  const [chromaticities, curve] = [primaries[p], transfers[transfer]];
  if (chromaticities === undefined || curve === undefined) return undefined;
  const narrow: Curve = (stored) => curve(Math.min(1, Math.max(0, (stored * 255 - 16) / 219)));
  return spaceOf(fullRange ? curve : narrow, chromaticities);
}
