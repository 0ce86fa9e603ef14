/** A linear congruential generator: the same numbers in each run. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A generator for one part of the model, so that a change in one part leaves the numbers of the others as they are. */
export function streamOf(seed: number, part: string): () => number {
  let hash = 2_166_136_261 ^ seed;
  for (const letter of part) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619);
  return randomOf(hash >>> 0);
}

/** A time until the next of events that come independently of each other. */
export function exponential(mean: number, random: () => number): number {
  return -mean * Math.log(1 - random());
}
