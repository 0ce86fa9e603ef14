/** The most recently used drawings, up to a number of bytes, and always the newest. */
export class MarkCache<Drawn> {
  /** Oldest first: a Map keeps the order of insertion, and a hit inserts again. */
  readonly #entries = new Map<string, { drawn: Drawn; bytes: number }>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(key: string): Drawn | undefined {
    const found = this.#entries.get(key);
    if (found === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, found);
    return found.drawn;
  }

  add(key: string, drawn: Drawn, bytes: number): void {
    this.#drop(key);
    this.#entries.set(key, { drawn, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes || oldest === key) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}
