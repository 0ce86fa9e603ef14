/** For how long what was read may be used, in milliseconds since the read was begun. */
export interface Terms {
  /** Until it is read again. Each time is between three quarters of this and all of it, so that environments drift apart. */
  freshMs: number;
  /** Until it is used no more, whatever became of the reads since. */
  usableMs: number;
  /** From a read that failed to the next one, with the same jitter. */
  retryMs: number;
  /** Names that are remembered; beyond that the one that was read longest ago is forgotten. */
  mostNames: number;
}

export interface Clockwork {
  /** Milliseconds, also of the time in which the environment is frozen. */
  now(): number;
  /** As Math.random. */
  random(): number;
}

/** What was read. `livesMs` until its own end, if it has one. */
export interface Read<Value> {
  value: Value;
  livesMs?: number | undefined;
}

export interface Freshness<Value> {
  /**
   * The value of a name: from memory while it is fresh. Then the first caller reads it again and waits for that; callers that
   * come meanwhile get what is known, as the first one does if the read fails. What is unknown or not usable any more is
   * read once for all who wait for it.
   * @returns undefined if `read` finds nothing; a known value is then forgotten at once
   * @throws what `read` throws, only if there is nothing usable
   */
  get(name: string, read: () => Promise<Read<Value> | undefined>): Promise<Value | undefined>;
  /** The value last known, usable or not, and for how many milliseconds it has not been usable (negative while it is). */
  last(name: string): { value: Value; endedMs: number } | undefined;
}

interface Known<Value> {
  value: Value;
  refreshAt: number;
  endsAt: number;
}

/**
 * Remembers what many requests and environments read, without a stampede when it gets old. Within an environment one read
 * is in flight for a name; between environments the jitter spreads the reads. A caller always waits for a read that it has
 * begun: Lambda freezes an environment when its request ends, and a read left behind would be resumed minutes later.
 */
export function openFreshness<Value>(terms: Terms, { now, random }: Clockwork): Freshness<Value> {
  /** In the order in which they were read. */
  const known = new Map<string, Known<Value>>();
  const flights = new Map<string, Promise<Value | undefined>>();
  const spread = (ms: number) => ms * (0.75 + random() / 4);

  function remember(name: string, began: number, { value, livesMs = Infinity }: Read<Value>): void {
    known.delete(name);
    const [oldest] = known.keys();
    if (known.size >= terms.mostNames && oldest !== undefined) known.delete(oldest);
    const endsAt = began + Math.min(terms.usableMs, livesMs);
    known.set(name, { value, refreshAt: began + spread(terms.freshMs), endsAt });
  }

  async function fly(name: string, read: () => Promise<Read<Value> | undefined>): Promise<Value | undefined> {
    const began = now();
    try {
      const found = await read();
      if (found === undefined) known.delete(name);
      else remember(name, began, found);
      return found?.value;
    } catch (error) {
      const stale = known.get(name);
      if (stale === undefined || now() >= stale.endsAt) throw error;
      stale.refreshAt = now() + spread(terms.retryMs);
      return stale.value;
    } finally {
      flights.delete(name);
    }
  }

  return {
    async get(name, read) {
      const found = known.get(name);
      const flight = flights.get(name);
      const usable = found !== undefined && now() < found.endsAt;
      if (usable && (flight !== undefined || now() < found.refreshAt)) return found.value;
      if (flight !== undefined) return flight;
      const own = fly(name, read);
      flights.set(name, own);
      return own;
    },
    last(name) {
      const found = known.get(name);
      return found && { value: found.value, endedMs: now() - found.endsAt };
    },
  };
}
