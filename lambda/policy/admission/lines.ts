import { Line, type Turn, type TurnName } from './line.ts';
import { decodeNews, encodeNews, type LineNews } from './turns-blob.ts';

/** Turns that an environment remembers. Beyond this a refused request is not recognised when it returns. */
const mostTurns = 100_000;
/** All turns are repeated once in this many blobs, for environments that were frozen or have just started. */
const repeatedWithin = 30;
/** Turns in one message to the others; what is left follows a second later. After an outage there are many. */
const mostShared = 5_000;
/** The share of the traffic is a mean over about this many blobs. */
const remembered = 5;
/** Requests that count as spread evenly over all environments. */
const doubt = 20;

/** The lines of all tenants, of which an environment shares its own turns with the others. */
export interface Lines {
  get(name: string): Line | undefined;
  /** Adds a turn of this environment. Not if too many are remembered. */
  promise(name: string, turn: Turn): void;
  /** Notes that a request was told to return later than at its turn, by the database's clock. */
  postpone(name: string, turn: Turn, back: number): void;
  /** Turns of this digest. */
  count(name: string, digest: string): number;
  /** Removes a turn that was admitted or taken back. */
  end(name: string, turn: TurnName): void;
  /** Turns promised in the seconds since others were last heard, which are not in the line: as many as this environment’s, by its share. */
  unheard(name: string, seconds: number): number;
  /** Counts a request that this environment decided. */
  decided(): void;
  /** This environment’s share of all requests, of which it sees only its own. */
  share(): number;
  /** Calls turns, by the room of each line, and drops empty lines. */
  advance(now: number, roomOf: (name: string) => number): void;
  /** Takes what others shared, after they got the last news. */
  hear(blobs: readonly Buffer[], environments: number): void;
  /** What to share, once a second; undefined if there is nothing. It is repeated until `hear`: the database may be unavailable. */
  news(pressed: boolean): Buffer | undefined;
}

interface Outgoing {
  promised: Turn[];
  ended: TurnName[];
}

export function openLines(): Lines {
  const lines = new Map<string, Line>();
  /** Of this environment, in the order in which they are repeated. */
  const own = new Map<string, { name: string; turn: Turn }>();
  const outbox = new Map<string, Outgoing>();
  /** Shared with the last news, which may have been lost. */
  let sent:
    | { lines: Map<string, Outgoing>; work: Map<string, number>; decided: number; counts: boolean }
    | undefined;
  /** Work promised since the last news. */
  const fresh = new Map<string, number>();
  /** That of the last news: the others heard half of it in time, on average. */
  let recent: ReadonlyMap<string, number> = new Map();
  let size = 0;
  let decided = 0;
  let ownTraffic = 0;
  let otherTraffic = 0;
  let environmentCount = 1;

  const add = (sums: Map<string, number>, name: string, work: number) =>
    sums.set(name, (sums.get(name) ?? 0) + work);
  const keyOf = ({ digest, due }: TurnName) => `${digest}${due}`;
  function lineOf(name: string): Line {
    const line = lines.get(name) ?? new Line();
    lines.set(name, line);
    return line;
  }
  function newsOf(name: string, news = outbox): Outgoing {
    const one = news.get(name) ?? { promised: [], ended: [] };
    news.set(name, one);
    return one;
  }
  /** The first turns of the outbox, after those that were lost. */
  function collect(): Map<string, Outgoing> {
    const next = sent?.lines ?? new Map<string, Outgoing>();
    let room = mostShared - [...next.values()].reduce((sum, one) => sum + one.promised.length, 0);
    for (const [name, { promised, ended }] of outbox) {
      const one = newsOf(name, next);
      const taken = promised.splice(0, Math.max(0, room));
      room -= taken.length;
      for (const turn of taken) own.set(keyOf(turn), { name, turn });
      one.promised.push(...taken);
      // A turn that has ended before it was shared must not be shared after its end.
      if (promised.length === 0) {
        for (const turn of ended) one.ended.push(turn);
        outbox.delete(name);
      }
    }
    return next;
  }
  /** Turns that were shared before. */
  function repeated(): [string, Turn][] {
    const turns: [string, Turn][] = [];
    let count = Math.ceil(own.size / repeatedWithin);
    for (const [key, { name, turn }] of own) {
      if (count-- <= 0) break;
      own.delete(key);
      if (lines.get(name)?.has(turn) !== true) continue;
      own.set(key, { name, turn });
      turns.push([name, turn]);
    }
    return turns;
  }

  return {
    get: (name) => lines.get(name),
    promise(name, turn) {
      if (size >= mostTurns || !lineOf(name).add(turn)) return;
      size += 1;
      newsOf(name).promised.push(turn);
      add(fresh, name, turn.cost);
    },
    postpone(name, turn, back) {
      const later = { ...turn, back };
      lines.get(name)?.add(later);
      newsOf(name).promised.push(later);
    },
    count: (name, digest) => lines.get(name)?.find(digest)?.of ?? 0,
    end(name, turn) {
      if (lines.get(name)?.remove(turn) !== true) return;
      size -= 1;
      own.delete(keyOf(turn));
      newsOf(name).ended.push(turn);
    },
    unheard(name, seconds) {
      const own = (fresh.get(name) ?? 0) + (sent?.work.get(name) ?? 0) + (recent.get(name) ?? 0);
      // No more than all requests that the others decide in that time.
      const most = (otherTraffic / remembered) * Math.max(1, seconds);
      return Math.min(own * (1 / share() - 1), most);
    },
    decided() {
      decided += 1;
    },
    share,
    advance(now, roomOf) {
      for (const [name, line] of lines) {
        size -= line.advance(now, roomOf(name));
        if (line.size === 0) lines.delete(name);
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
      if (sent === undefined) return;
      // Of the same seconds, also after an outage.
      otherTraffic = otherTraffic * (1 - 1 / remembered) + others;
      ownTraffic = ownTraffic * (1 - 1 / remembered) + (sent.counts ? sent.decided : 0);
      decided -= sent.decided;
      recent = new Map([...sent.work].map(([name, work]) => [name, work / 2]));
      sent = undefined;
    },
    news(pressed) {
      const again = repeated();
      const next = collect();
      const changed = new Map([...next].map(([name, one]) => [name, { ...one }]));
      for (const [name, turn] of again) {
        const one = newsOf(name, changed);
        one.promised = [...one.promised, turn];
      }
      const isShared = pressed || changed.size > 0;
      // The others share nothing either while there is no pressure.
      const work = sent?.work ?? new Map<string, number>();
      for (const [name, more] of fresh) add(work, name, more);
      fresh.clear();
      sent = { lines: next, work, decided, counts: isShared };
      const list: LineNews[] = [...changed].map(([line, news]) => ({ line, ...news }));
      return isShared ? encodeNews({ decided, lines: list }) : undefined;
    },
  };

  function share(): number {
    // Of the same seconds: the others’ requests since then are not known.
    return (ownTraffic + doubt / environmentCount) / (ownTraffic + otherTraffic + doubt);
  }
}
