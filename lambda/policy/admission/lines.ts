import { Line, type Turn, type TurnName } from './line.ts';
import { decodeNews, encodeNews, type LineNews } from './turns-blob.ts';

/** Turns that an environment remembers. Beyond this a refused request is not recognised when it returns. */
const mostTurns = 100_000;
/** All turns are repeated once in this many blobs, for environments that were frozen or have just started. */
const repeatedWithin = 30;
/** The share of the traffic is a mean over about this many blobs. */
const remembered = 5;
/** Requests that count as spread evenly over all environments. */
const doubt = 20;

/** The lines of all tenants, of which an environment shares its own turns with the others. */
export interface Lines {
  get(name: string): Line | undefined;
  /** Adds a turn of this environment. Not if too many are remembered. */
  promise(name: string, turn: Turn): void;
  /** Seconds until the next turn of this environment, at least this many, and a gap after its last one. */
  space(name: string, now: number, at: { seconds: number; gap: number }): number;
  /** Turns of this digest. */
  count(name: string, digest: string): number;
  /** Removes a turn that was admitted or taken back. */
  end(name: string, turn: TurnName): void;
  /** Turns promised since others were last heard, which are not in the line: as many as this environment’s, by its share. */
  unheard(name: string): number;
  /** Counts a request that this environment decided. */
  decided(): void;
  /** This environment’s share of all requests, of which it sees only its own. */
  share(): number;
  /** Calls turns, by the room of each line, and drops empty lines. */
  advance(now: number, roomOf: (name: string) => number): void;
  /** Takes what others shared. */
  hear(blobs: readonly Buffer[], environments: number): void;
  /** What to share, once a second; undefined if there is nothing. */
  news(pressed: boolean): Buffer | undefined;
}

export function openLines(): Lines {
  const lines = new Map<string, Line>();
  /** Of this environment, in the order in which they are repeated. */
  const own = new Map<string, { name: string; turn: Turn }>();
  const outbox = new Map<string, { promised: Turn[]; ended: TurnName[] }>();
  const recent = new Map<string, number>();
  const last = new Map<string, number>();
  let size = 0;
  let decided = 0;
  let ownTraffic = 0;
  let otherTraffic = 0;
  let environmentCount = 1;

  const keyOf = ({ digest, due }: TurnName) => `${digest}${due}`;
  function lineOf(name: string): Line {
    const line = lines.get(name) ?? new Line();
    lines.set(name, line);
    return line;
  }
  function newsOf(name: string) {
    const news = outbox.get(name) ?? { promised: [], ended: [] };
    outbox.set(name, news);
    return news;
  }
  function repeat(): void {
    let count = Math.ceil(own.size / repeatedWithin);
    for (const [key, { name, turn }] of own) {
      if (count-- <= 0) break;
      own.delete(key);
      if (lines.get(name)?.has(turn) !== true) continue;
      own.set(key, { name, turn });
      newsOf(name).promised.push(turn);
    }
  }

  return {
    get: (name) => lines.get(name),
    promise(name, turn) {
      if (size >= mostTurns || !lineOf(name).add(turn)) return;
      size += 1;
      newsOf(name).promised.push(turn);
      recent.set(name, (recent.get(name) ?? 0) + turn.cost);
    },
    count: (name, digest) => lines.get(name)?.find(digest)?.of ?? 0,
    space(name, now, { seconds, gap }) {
      const spaced = ((last.get(name) ?? now) - now) / 1000 + gap;
      // More than estimates vary: the line has become faster.
      const wait = spaced > 1.1 * seconds + 5 ? seconds : Math.max(seconds, spaced);
      last.set(name, now + wait * 1000);
      return wait;
    },
    end(name, turn) {
      if (lines.get(name)?.remove(turn) !== true) return;
      size -= 1;
      own.delete(keyOf(turn));
      newsOf(name).ended.push(turn);
    },
    unheard: (name) => (recent.get(name) ?? 0) * (1 / share() - 1),
    decided() {
      decided += 1;
    },
    share,
    advance(now, roomOf) {
      for (const [name, line] of lines) {
        size -= line.advance(now, roomOf(name));
        if (line.size > 0) continue;
        lines.delete(name);
        last.delete(name);
      }
    },
    hear(blobs, environments) {
      environmentCount = environments;
      let others = 0;
      for (const blob of blobs) {
        const news = decodeNews(blob);
        others += news?.decided ?? 0;
        for (const { line, promised, ended } of news?.lines ?? []) {
          const known = lineOf(line);
          for (const turn of promised) if (size < mostTurns && known.add(turn)) size += 1;
          for (const turn of ended) if (known.remove(turn)) size -= 1;
        }
      }
      otherTraffic = otherTraffic * (1 - 1 / remembered) + others;
    },
    news(pressed) {
      recent.clear();
      for (const [name, { promised }] of outbox) {
        // The others heard the first half of these, on average.
        recent.set(name, promised.reduce((sum, { cost }) => sum + cost, 0) / 2);
        for (const turn of promised) own.set(keyOf(turn), { name, turn });
      }
      repeat();
      const changed: LineNews[] = [...outbox].map(([line, news]) => ({ line, ...news }));
      const blob = pressed || changed.length > 0 ? encodeNews({ decided, lines: changed }) : undefined;
      // The others share nothing either while there is no pressure.
      ownTraffic = ownTraffic * (1 - 1 / remembered) + (blob === undefined ? 0 : decided);
      outbox.clear();
      decided = 0;
      return blob;
    },
  };

  function share(): number {
    // Of the same seconds: the others’ requests since then are not known.
    return (ownTraffic + doubt / environmentCount) / (ownTraffic + otherTraffic + doubt);
  }
}
