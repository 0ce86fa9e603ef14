/**
 * Part of the memory of `process` that its decoder may grow to; the worker itself has the rest. The configuration is held
 * to both.
 */
export const decoderShare = 0.6;
