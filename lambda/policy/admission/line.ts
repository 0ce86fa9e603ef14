/** A refused request that was told when to return. */
export interface Turn {
  /** Recognises the request when it returns: a hash of 8 bytes, as latin1. */
  digest: string;
  /** Its place: the time at which it was first told to return, by the database's clock, in milliseconds. */
  due: number;
  /** In units of work. */
  cost: number;
  /** When it was last told to return, if that is later: it came in time, and there was no room. */
  back?: number | undefined;
}
/** What identifies a turn. */
export type TurnName = Pick<Turn, 'digest' | 'due'>;

/** When the request of a turn returns, in milliseconds. */
export function returnOf({ due, back }: Turn): number {
  return back ?? due;
}

/** The turns whose requests return in one second. */
interface Second {
  turns: Set<Turn>;
  work: number;
  /** When there was room for them, and they were due. */
  calledAt?: number;
  passedOver: boolean;
}

/** A turn that was called and not taken is passed over after this long, so that nobody waits for clients that left. */
const passedOverAfterMs = 5_000;
/** A client that returns later than it was told still finds its turn, for this long. */
const keptAfterMs = 60_000;

/**
 * The refused requests of one tenant in the order of their turns. A turn is not bound to its time: it comes when those
 * before it were admitted and there is room, so a line moves more slowly or faster with the drain.
 */
export class Line {
  /** By digest; requests without a key may share one. */
  readonly #turns = new Map<string, Turn[]>();
  readonly #seconds = new Map<number, Second>();
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #waiting = 0;
  #size = 0;

  /** Work of all turns that were not passed over. */
  get waiting(): number {
    return this.#waiting;
  }
  /** Turns that would be recognised. */
  get size(): number {
    return this.#size;
  }

  /** Adds a turn, or notes when a known one returns instead. @returns false if it is known already. */
  add(turn: Turn): boolean {
    const known = this.#find(turn);
    if (known !== undefined && returnOf(turn) > returnOf(known)) {
      this.#leave(known);
      known.back = turn.back;
      this.#enter(known);
    }
    if (known !== undefined) return false;
    const same = this.#turns.get(turn.digest);
    if (same === undefined) this.#turns.set(turn.digest, [turn]);
    else same.push(turn);
    this.#enter(turn);
    return true;
  }

  #enter(turn: Turn): void {
    const at = Math.floor(returnOf(turn) / 1000);
    const second = this.#seconds.get(at) ?? { turns: new Set(), work: 0, passedOver: false };
    this.#seconds.set(at, second);
    second.turns.add(turn);
    second.work += turn.cost;
    this.#size += 1;
    if (!second.passedOver) this.#waiting += turn.cost;
    this.#first = Math.min(this.#first, at);
    this.#last = Math.max(this.#last, at);
  }

  #leave(turn: Turn): void {
    const at = Math.floor(returnOf(turn) / 1000);
    const second = this.#seconds.get(at);
    if (second?.turns.delete(turn) !== true) return;
    second.work -= turn.cost;
    this.#size -= 1;
    if (!second.passedOver) this.#waiting -= turn.cost;
    if (second.turns.size === 0) this.#seconds.delete(at);
  }

  /** @returns false if it is not known. */
  remove(name: TurnName): boolean {
    const turn = this.#find(name);
    if (turn === undefined) return false;
    const same = this.#turns.get(turn.digest) ?? [];
    if (same.length <= 1) this.#turns.delete(turn.digest);
    else same.splice(same.indexOf(turn), 1);
    this.#leave(turn);
    return true;
  }

  has(name: TurnName): boolean {
    return this.#find(name) !== undefined;
  }

  /** The turn of this digest that returns first, and how many there are. */
  find(digest: string): { turn: Turn; of: number } | undefined {
    const same = this.#turns.get(digest);
    if (same === undefined) return undefined;
    const first = same.reduce((one, turn) => (returnOf(turn) < returnOf(one) ? turn : one));
    return { turn: first, of: same.length };
  }

  /** Work of the requests that return before this time; those of one second are spread over it. */
  before(due: number): number {
    const at = Math.floor(due / 1000);
    let work = 0;
    for (let one = this.#first; one < Math.min(at, this.#last + 1); one++) work += this.#workIn(one);
    return work + this.#workIn(at) * (due / 1000 - at);
  }

  /**
   * Calls as many turns as there is room for, passes over those that were called a while ago, and forgets them later.
   * @param now by the database's clock, in milliseconds
   * @returns the turns that were forgotten
   */
  advance(now: number, room: number): number {
    const size = this.#size;
    let before = 0;
    for (let at = this.#first; at <= this.#last && at * 1000 <= now; at++) {
      const second = this.#seconds.get(at);
      if (second === undefined) continue;
      if (!second.passedOver) before += second.work;
      if (before > room) break;
      second.calledAt ??= now;
      const calledFor = now - second.calledAt;
      if (calledFor >= keptAfterMs) for (const turn of second.turns) this.remove(turn);
      else if (calledFor >= passedOverAfterMs && !second.passedOver) {
        second.passedOver = true;
        this.#waiting -= second.work;
        before -= second.work;
      }
    }
    while (this.#first <= this.#last && !this.#seconds.has(this.#first)) this.#first += 1;
    return size - this.#size;
  }

  #find({ digest, due }: TurnName): Turn | undefined {
    return this.#turns.get(digest)?.find((turn) => turn.due === due);
  }

  #workIn(at: number): number {
    const second = this.#seconds.get(at);
    return second === undefined || second.passedOver ? 0 : second.work;
  }
}
