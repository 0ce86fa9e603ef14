/** Share of the memory of `process` for its sandbox; the worker has the rest. The configuration must fit both. */
export const sandboxShare = 0.6;
