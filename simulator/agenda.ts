/** An item that is known to exist. */
export function get<Item>(list: readonly Item[], at: number): Item {
  return list[at] as Item;
}

interface Event {
  at: number;
  n: number;
  run: () => void;
}

/** Events in the order of their time; those of the same time in the order in which they were added. */
export class Agenda {
  readonly #heap: Event[] = [];
  #n = 0;

  get size(): number {
    return this.#heap.length;
  }

  push(at: number, run: () => void): void {
    const heap = this.#heap;
    const event = { at, n: this.#n++, run };
    let i = heap.length;
    heap.push(event);
    while (i > 0) {
      const up = (i - 1) >> 1;
      const above = get(heap, up);
      if (before(above, event)) break;
      heap[i] = above;
      i = up;
    }
    heap[i] = event;
  }

  pop(): { at: number; run: () => void } | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let i = 0;
    for (let child = 1; child < heap.length; child = 2 * i + 1) {
      if (child + 1 < heap.length && before(get(heap, child + 1), get(heap, child))) child += 1;
      const below = get(heap, child);
      if (before(last, below)) break;
      heap[i] = below;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.n < b.n);
}
