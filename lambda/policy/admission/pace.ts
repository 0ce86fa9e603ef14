/**
 * The share of the workers that a tenant with much work gets, from 0 to 1, when the queue delivers fairly: the others get
 * what they have in progress, up to the same share.
 * @param uploaded images of each tenant that wait or are in progress
 * @param slots images that can be in progress at once
 */
export function shareOfWorkers(uploaded: readonly number[], slots: number): number {
  // Sorted without a comparator: with ten thousand tenants this is most of what an environment computes in a second.
  const waiting = Float64Array.from(uploaded.filter((images) => images > 0)).sort();
  let free = slots;
  let left = waiting.length;
  for (const images of waiting) {
    // The last one takes what is free, and so does a tenant that has nothing yet.
    if (left <= 1 || images * left > free) break;
    free -= images;
    left -= 1;
  }
  return free / Math.max(1, left) / slots;
}
