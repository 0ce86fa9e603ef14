/** A refused request that has been told when to return. */
export interface Turn {
  /** Recognises the request when it returns: a hash of 8 bytes, as latin1. */
  digest: string;
  /** Its place: the time for which it was told to return at first, by the database's clock, in milliseconds. */
  due: number;
  /** In units of work. */
  cost: number;
}

/** A turn that was called and not taken is passed over after this long, so that nobody waits for those who left. */
const passedOverAfterMs = 5_000;
/** A client that is later still keeps its place for this long. */
const keptAfterMs = 60_000;

/**
 * The refused requests of one tenant in the order of their turns. A turn is not bound to its time: it comes when those
 * before it were admitted and there is room, so the line moves slower or faster with the drain.
 */
export class Line {
  /** By digest; requests without a key may share one. */
  readonly #turns = new Map<string, Turn[]>();
  /** Work by second of `due`. */
  readonly #seconds = new Map<number, number>();
  readonly #called = new Map<number, number>();
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #waiting = 0;
  #size = 0;

  /** Work of all turns that have not been passed over. */
  get waiting(): number {
    return this.#waiting;
  }
  /** Turns that would be recognised. */
  get size(): number {
    return this.#size;
  }

  has({ digest, due }: Pick<Turn, 'digest' | 'due'>): boolean {
    return this.#turns.get(digest)?.some((turn) => turn.due === due) === true;
  }

  /** @returns false if it is known already. */
  add(turn: Turn): boolean {
    if (this.has(turn)) return false;
    const same = this.#turns.get(turn.digest);
    if (same === undefined) this.#turns.set(turn.digest, [turn]);
    else same.push(turn);
    this.#size += 1;
    this.#count(turn, turn.cost);
    return true;
  }

  /** @returns false if it is not known. */
  remove({ digest, due }: Pick<Turn, 'digest' | 'due'>): boolean {
    const same = this.#turns.get(digest) ?? [];
    const turn = same.find((one) => one.due === due);
    if (turn === undefined) return false;
    if (same.length === 1) this.#turns.delete(digest);
    else same.splice(same.indexOf(turn), 1);
    this.#size -= 1;
    this.#count(turn, -turn.cost);
    return true;
  }

  /** The first turn of this digest. */
  find(digest: string): Turn | undefined {
    return this.#turns.get(digest)?.reduce((first, turn) => (turn.due < first.due ? turn : first));
  }

  /** Work of the turns before this time; turns of one second are spread over it. */
  before(due: number): number {
    const second = Math.floor(due / 1000);
    let work = 0;
    for (let one = this.#first; one < Math.min(second, this.#last + 1); one++) work += this.#seconds.get(one) ?? 0;
    return work + (this.#seconds.get(second) ?? 0) * (due / 1000 - second);
  }

  /**
   * Calls as many turns as there is room for, and passes over those that were called a while ago.
   * @param now by the database's clock, in milliseconds
   */
  advance(now: number, room: number): void {
    let before = 0;
    for (let second = this.#first; second <= this.#last; second++) {
      const work = this.#seconds.get(second) ?? 0;
      before += work;
      if (before > room || second * 1000 > now) break;
      const called = this.#called.get(second) ?? now;
      this.#called.set(second, called);
      if (now - called < passedOverAfterMs) continue;
      this.#seconds.delete(second);
      this.#waiting -= work;
      before -= work;
    }
    while (this.#first <= this.#last && !this.#seconds.has(this.#first)) this.#first += 1;
    this.#forget(now);
  }

  /** All turns, in no order. */
  *turns(): Iterable<Turn> {
    for (const same of this.#turns.values()) yield* same;
  }

  #count({ due }: Turn, cost: number): void {
    const second = Math.floor(due / 1000);
    const work = this.#seconds.get(second);
    // It was passed over.
    if (cost < 0 && work === undefined) return;
    const left = (work ?? 0) + cost;
    this.#waiting += cost;
    if (left > 1e-6) this.#seconds.set(second, left);
    else this.#seconds.delete(second);
    this.#first = Math.min(this.#first, second);
    this.#last = Math.max(this.#last, second);
  }

  #forget(now: number): void {
    const over = [...this.#called].filter(([, called]) => now - called > keptAfterMs).map(([second]) => second);
    if (over.length === 0) return;
    const seconds = new Set(over);
    for (const turn of [...this.turns()]) if (seconds.has(Math.floor(turn.due / 1000))) this.remove(turn);
    for (const second of over) this.#called.delete(second);
  }
}
