/**
 * Part of the memory of `process` that its sandbox may grow to; the worker itself has the rest. The configuration is held
 * to both.
 */
export const sandboxShare = 0.6;
