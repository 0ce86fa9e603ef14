/** A linear congruential generator: the same numbers in each run. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
export function quantile(numbers: readonly number[], part: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** An item that is known to exist. */
export function get<Item>(list: readonly Item[], at: number): Item {
  return list[at] as Item;
}

/** Events in the order of their time. */
export class Agenda {
  readonly #heap: { at: number; run: () => void; n: number }[] = [];
  #n = 0;
  push(at: number, run: () => void): void {
    const heap = this.#heap;
    heap.push({ at, run, n: this.#n++ });
    for (let i = heap.length - 1; i > 0; ) {
      const up = (i - 1) >> 1;
      if (before(get(heap, up), get(heap, i))) break;
      [heap[up], heap[i]] = [get(heap, i), get(heap, up)];
      i = up;
    }
  }
  pop(): { at: number; run: () => void } | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let i = 0; ; ) {
      let next = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < heap.length && !before(get(heap, next), get(heap, child))) next = child;
      if (next === i) return first;
      [heap[next], heap[i]] = [get(heap, i), get(heap, next)];
      i = next;
    }
  }
}
function before(a: { at: number; n: number }, b: { at: number; n: number }): boolean {
  return a.at < b.at || (a.at === b.at && a.n < b.n);
}
