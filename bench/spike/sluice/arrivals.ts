/** Open-loop arrivals: the next one does not wait for the response to the last one. Gaps are exponential. */
export class Arrivals {
  readonly #random: () => number;
  readonly #next = new Map<string, number>();
  #perSecond: Record<string, number> = {};

  constructor(random: () => number) {
    this.#random = random;
  }

  /** @param now milliseconds of any clock, the same as of `due` */
  set(perSecond: Record<string, number>, now: number): void {
    const before = this.#perSecond;
    this.#perSecond = perSecond;
    for (const [tenant, rate] of Object.entries(perSecond)) {
      // Memoryless: what is left of a gap at another rate is drawn anew. The earlier of both would come too soon.
      if (rate <= 0) this.#next.delete(tenant);
      else if (rate !== before[tenant]) this.#next.set(tenant, now + this.#gap(rate));
    }
    for (const tenant of this.#next.keys()) if (!(tenant in perSecond)) this.#next.delete(tenant);
  }

  /** Tenants with an arrival until now, in order, as often as they arrived. */
  due(now: number): string[] {
    const arrived: { tenant: string; at: number }[] = [];
    for (const [tenant, first] of this.#next) {
      let at = first;
      for (; at <= now; at += this.#gap(this.#perSecond[tenant] ?? 0)) arrived.push({ tenant, at });
      this.#next.set(tenant, at);
    }
    return arrived.sort((a, b) => a.at - b.at).map(({ tenant }) => tenant);
  }

  #gap(perSecond: number): number {
    return (-1000 / perSecond) * Math.log(1 - this.#random());
  }
}
