/** Parts of a second in which returns are counted, so that no second has too many, wherever it begins. */
const parts = 8;
/** Longer spans, in seconds: 2, 4, … about 17 minutes. */
const spans = Array.from({ length: 10 }, (_, n) => 2 ** (n + 1));
const longestSpan = 2 ** 10;
/** A span in which so much work may return is long enough: rounding matters no more. */
const exact = 4;
const forgetEverySeconds = 10;

/**
 * The work that this environment has told to return, by seconds. What is told next gets the first second from its turn on
 * in which the rate is not exceeded, so that refusals of different ages never add up to a herd.
 */
export class Returns {
  /** Work by the number of the span, for each length; first of the parts of seconds. */
  readonly #booked = [1 / parts, ...spans].map((seconds) => ({ seconds, work: new Map<number, number>() }));
  #forgotAt = Number.NEGATIVE_INFINITY;
  readonly #shift: number;

  /** @param seed other in each environment: all would otherwise fill the same second of each span first */
  constructor(seed: string) {
    let hash = 0;
    for (const char of seed) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) >>> 0;
    this.#shift = ((Math.imul(hash, 2_654_435_761) >>> 0) / 2 ** 32) * longestSpan;
  }

  /**
   * Books a return.
   * @param clock in seconds, any that does not jump
   * @param seconds until its turn
   * @param rate work per second
   * @returns whole seconds until then, `longest` if there is no room before that
   */
  book(
    clock: number,
    { seconds, work, rate, longest }: Record<'seconds' | 'work' | 'rate' | 'longest', number>,
  ): number {
    const now = clock + this.#shift;
    this.#forget(now);
    for (let wait = Math.max(1, Math.ceil(seconds)); wait < longest; ) {
      const full = this.#fullUntil(now + wait, work, rate);
      if (full === undefined) {
        this.#add(now + wait, work);
        return wait;
      }
      wait = Math.max(wait + 1, Math.ceil(full - now));
    }
    return longest;
  }

  /** The end of the longest span that has no room for more; undefined if all have. */
  #fullUntil(at: number, more: number, rate: number): number | undefined {
    let until: number | undefined;
    for (const { seconds, work } of this.#booked) {
      const isShort = seconds < 1;
      const span = Math.floor(at / seconds);
      const booked = isShort ? this.#mostAround(span, work) : (work.get(span) ?? 0);
      const most = rate * (isShort ? 1 : seconds);
      if (booked > 0 && booked + more > most + more / 2) until = (span + 1) * seconds;
      if (most >= exact * more) break;
    }
    return until;
  }

  /** The most work in any second of those that contain a part. */
  #mostAround(part: number, work: ReadonlyMap<number, number>): number {
    let sum = 0;
    let most = 0;
    for (let one = part - parts + 1; one < part + parts; one += 1) {
      sum += work.get(one) ?? 0;
      if (one < part) continue;
      most = Math.max(most, sum);
      sum -= work.get(one - parts + 1) ?? 0;
    }
    return most;
  }

  #forget(now: number): void {
    if (now - this.#forgotAt < forgetEverySeconds) return;
    this.#forgotAt = now;
    for (const { seconds, work } of this.#booked)
      for (const span of work.keys()) if ((span + 1) * seconds <= now) work.delete(span);
  }

  #add(at: number, more: number): void {
    for (const { seconds, work } of this.#booked) {
      const span = Math.floor(at / seconds);
      work.set(span, (work.get(span) ?? 0) + more);
    }
  }
}
