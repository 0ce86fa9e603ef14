/** Spans of time in which returns are counted: 1 s, 2 s, … about 17 minutes. */
const levels = 11;
/** A span in which so much work may return is long enough: rounding matters no more. */
const exact = 4;
const forgetEverySeconds = 10;

/**
 * The work that this environment has told to return, by seconds. What is told next gets the first second from its turn on
 * in which the rate is not exceeded, so that refusals of different ages never add up to a herd.
 */
export class Returns {
  /** Work by span, for each length of spans. */
  readonly #booked = Array.from({ length: levels }, () => new Map<number, number>());
  #forgotAt = Number.NEGATIVE_INFINITY;

  /**
   * Books a return.
   * @param now in seconds, by any clock that does not jump
   * @param seconds until its turn
   * @param rate work per second
   * @returns whole seconds until then, `longest` if there is no room before that
   */
  book(
    now: number,
    { seconds, work, rate, longest }: Record<'seconds' | 'work' | 'rate' | 'longest', number>,
  ): number {
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
  #fullUntil(at: number, work: number, rate: number): number | undefined {
    let until: number | undefined;
    for (const [level, spans] of this.#booked.entries()) {
      const span = Math.floor(at / 2 ** level);
      const booked = spans.get(span) ?? 0;
      const most = rate * 2 ** level;
      if (booked > 0 && booked + work > most + work / 2) until = (span + 1) * 2 ** level;
      if (most >= exact * work) break;
    }
    return until;
  }

  #forget(now: number): void {
    if (now - this.#forgotAt < forgetEverySeconds) return;
    this.#forgotAt = now;
    for (const [level, spans] of this.#booked.entries())
      for (const span of spans.keys()) if ((span + 1) * 2 ** level <= now) spans.delete(span);
  }

  #add(at: number, work: number): void {
    for (const [level, spans] of this.#booked.entries()) {
      const span = Math.floor(at / 2 ** level);
      spans.set(span, (spans.get(span) ?? 0) + work);
    }
  }
}
