/** Numbers of the encoders, 1-100, each on its own scale. PNG is lossless and has none. */
export interface EncoderNumbers {
  webp: number;
  jpeg: number;
  avif: number;
}

/** Formats whose encoder rounds. */
export type LossyFormat = keyof EncoderNumbers;

/**
 * A score that all formats and sizes reach: SSIMULACRA2 of the variant against the same pixels before the encoder, at most
 * 100; 50 is medium, 70 high and 90 visually lossless. Source: bench/codecs.
 */
export interface Target {
  score: number;
  /** Whether the numbers are chosen for each picture; otherwise for its size, and for graphics or none. */
  auto: boolean;
}

export type Quality = EncoderNumbers | Target;

/** Scores by their names. */
export const namedScores = { economy: 60, standard: 70, high: 80 } as const;
export type QualityName = keyof typeof namedScores;

/** The range of scores that the calibration covers. */
export const scoreRange = { least: 40, most: 90 } as const;

/** Bounds of the numbers that a target gives: what lies outside was not measured, or wastes bytes. */
export const targetNumbers: Record<LossyFormat, { least: number; most: number }> = {
  jpeg: { least: 15, most: 96 },
  webp: { least: 5, most: 97 },
  avif: { least: 16, most: 88 },
};

export function isTarget(quality: Quality): quality is Target {
  return 'score' in quality;
}

/** The highest number that an encoder may get of this quality. */
export function mostNumber(quality: Quality, format: LossyFormat): number {
  return isTarget(quality) ? targetNumbers[format].most : quality[format];
}
