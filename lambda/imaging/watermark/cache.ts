/** The last used of what was drawn, up to so many bytes together. The newest stays, however large. */
export class MarkCache<Drawn> {
  /** Oldest first: a Map keeps the order of insertion, and a hit inserts again. */
  readonly #kept = new Map<string, { drawn: Drawn; bytes: number }>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(key: string): Drawn | undefined {
    const found = this.#kept.get(key);
    if (found === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, found);
    return found.drawn;
  }

  add(key: string, drawn: Drawn, bytes: number): void {
    this.#drop(key);
    this.#kept.set(key, { drawn, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#maxBytes || oldest === key) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0;
    this.#kept.delete(key);
  }
}
