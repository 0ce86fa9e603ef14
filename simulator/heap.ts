interface Entry<Item> {
  key: number;
  item: Item;
}

/** A binary heap of items by key, the least first. Keys are different. */
export class Heap<Item> {
  readonly #entries: Entry<Item>[] = [];

  get size(): number {
    return this.#entries.length;
  }
  get least(): Readonly<Entry<Item>> | undefined {
    return this.#entries[0];
  }

  push(key: number, item: Item): void {
    const all = this.#entries;
    const entry = { key, item };
    let i = all.length;
    all.push(entry);
    while (i > 0) {
      const up = (i - 1) >> 1;
      const above = all[up] as Entry<Item>;
      if (above.key <= key) break;
      all[i] = above;
      i = up;
    }
    all[i] = entry;
  }

  /** Removes the least. */
  drop(): void {
    const all = this.#entries;
    const last = all.pop();
    if (last === undefined || all.length === 0) return;
    let i = 0;
    for (let child = 1; child < all.length; child = 2 * i + 1) {
      if (child + 1 < all.length && (all[child + 1] as Entry<Item>).key < (all[child] as Entry<Item>).key)
        child += 1;
      const below = all[child] as Entry<Item>;
      if (last.key <= below.key) break;
      all[i] = below;
      i = child;
    }
    all[i] = last;
  }
}
