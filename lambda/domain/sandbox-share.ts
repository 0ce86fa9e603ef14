/**
 * Share of the memory of `process` that its sandbox may use; the worker has the rest. The configuration is checked against
 * both.
 */
export const sandboxShare = 0.6;
