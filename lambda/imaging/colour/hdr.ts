import type { Curve } from './space.ts';

/** Light of white in an HDR image, in candela a square metre (ITU-R BT.2408). */
const white = 203;
/** Assumed peak light of an image: that of the screens on which HDR images are made. */
const peak = 1000;

/** Constants of SMPTE ST 2084. */
const [m1, m2, c1, c2, c3] = [2610 / 16384, 78.84375, 0.8359375, 18.8515625, 18.6875] as const;

/** From PQ to candela a square metre. */
function pqLight(stored: number): number {
  const root = stored ** (1 / m2);
  return 10_000 * (Math.max(0, root - c1) / (c2 - c3 * root)) ** (1 / m1);
}

function pqStored(light: number): number {
  const root = (light / 10_000) ** m1;
  return ((c1 + c2 * root) / (1 + c3 * root)) ** m2;
}

const largest = pqStored(white) / pqStored(peak);
const knee = 1.5 * largest - 0.5;

/**
 * Maps the light of an HDR image to 0-1, white being 1: light above the knee is rolled off to the range of an sRGB screen
 * (the curve of ITU-R BT.2390, 5.4.1, for each channel).
 */
function toneMapped(light: number): number {
  const e = Math.min(1, pqStored(light) / pqStored(peak));
  if (e <= knee) return light / white;
  const t = (e - knee) / (1 - knee);
  const rolled =
    (2 * t ** 3 - 3 * t ** 2 + 1) * knee +
    (t ** 3 - 2 * t ** 2 + t) * (1 - knee) +
    (3 * t ** 2 - 2 * t ** 3) * largest;
  return Math.min(1, pqLight(rolled * pqStored(peak)) / white);
}

export const pqCurve: Curve = (stored) => toneMapped(pqLight(stored));

/** ARIB STD-B67 as shown on a screen of 1000 cd/m², its system gamma of 1.2 applied to each channel. */
export const hlgCurve: Curve = (stored) => {
  const scene =
    stored <= 0.5 ? stored ** 2 / 3 : (Math.exp((stored - 0.55991073) / 0.17883277) + 0.28466892) / 12;
  return toneMapped(peak * scene ** 1.2);
};
