import { describe, expect, it } from 'vitest';
import { type Lines, openLines } from '../../../../lambda/policy/admission/lines.ts';
import { decodeNews, encodeNews } from '../../../../lambda/policy/admission/turns-blob.ts';

const turn = (digest: string, due = 1_000) => ({ digest: digest.padEnd(8), due, cost: 1 });
const read = (bytes: Buffer | undefined) => decodeNews(bytes ?? Buffer.alloc(0));
const promised = (bytes: Buffer | undefined) =>
  read(bytes)?.lines.flatMap((line) => line.promised.map(({ digest }) => digest.trim()));
const ended = (bytes: Buffer | undefined) =>
  read(bytes)?.lines.flatMap((line) => line.ended.map(({ digest }) => digest.trim()));

/** Seconds in which this environment decided 5 requests each, and others 15. */
function busyLines(): Lines {
  const lines = openLines();
  for (let second = 0; second < 60; second += 1) {
    for (let n = 0; n < 5; n += 1) lines.decided();
    lines.news(true);
    lines.hear([encodeNews({ decided: 15, lines: [] })], 2);
  }
  return lines;
}

describe('turns that others have promised, and that were not heard', () => {
  it('are as many as its own by its share, and no more than the others decide in the time since', () => {
    const lines = busyLines();
    // 25 of 100 requests in five seconds, and 10 of 20 that count as spread evenly.
    expect(lines.share()).toBeCloseTo(35 / 120, 3);
    for (let n = 0; n < 10; n += 1) lines.promise('nacme', turn(`t${n}`));
    // 10 × (120 / 35 − 1) = 24.3; the others decide 15 a second.
    expect(lines.unheard('nacme', 1)).toBeCloseTo(15, 2);
    expect(lines.unheard('nacme', 0.2)).toBeCloseTo(15, 2);
    expect(lines.unheard('nacme', 1.5)).toBeCloseTo(22.5, 2);
    expect(lines.unheard('nacme', 10)).toBeCloseTo(24.29, 2);
    expect(lines.unheard('nother', 10)).toBe(0);
  });

  it('count until they were heard, and by half for a second more', () => {
    const lines = busyLines();
    for (let n = 0; n < 10; n += 1) lines.promise('nacme', turn(`t${n}`));
    const all = lines.unheard('nacme', 100);
    lines.news(true);
    lines.news(true);
    expect(lines.unheard('nacme', 100)).toBeCloseTo(all, 6);
    lines.hear([], 2);
    const share = lines.share();
    expect(lines.unheard('nacme', 100)).toBeCloseTo(5 * (1 / share - 1), 6);
    lines.news(true);
    lines.hear([], 2);
    expect(lines.unheard('nacme', 100)).toBe(0);
  });
});

describe('news that were lost', () => {
  it('are told again with those that came since, and the requests of both', () => {
    const lines = openLines();
    lines.decided();
    for (const digest of ['one', 'more', 'gone']) lines.promise('nacme', turn(digest));
    lines.news(true);
    lines.decided();
    lines.end('nacme', turn('gone'));
    lines.promise('nother', turn('two'));
    const again = lines.news(true);
    expect(new Set(promised(again))).toEqual(new Set(['one', 'more', 'gone', 'two']));
    expect(ended(again)).toEqual(['gone']);
    expect(read(again)?.decided).toBe(2);
    // A request that was decided meanwhile belongs to the next news.
    lines.decided();
    lines.hear([], 1);
    expect(read(lines.news(true))?.decided).toBe(1);
  });

  it('of thousands of turns an end follows the turn, never before it', () => {
    const lines = openLines();
    for (let n = 0; n < 5_001; n += 1) lines.promise('nacme', turn(`t${n}`));
    lines.end('nacme', turn('t5000'));
    const first = lines.news(true);
    expect([promised(first)?.length, ended(first)]).toEqual([5_000, []]);
    lines.hear([], 1);
    const second = lines.news(true);
    expect(promised(second)).toContain('t5000');
    expect(ended(second)).toEqual(['t5000']);
  });

  it('are repeated within half a minute for environments that start', () => {
    const lines = openLines();
    for (let n = 0; n < 60; n += 1) lines.promise('nacme', turn(`t${n}`));
    const heard = new Set<string>();
    lines.news(true);
    lines.hear([], 1);
    for (let second = 0; second < 30; second += 1) {
      const turns = promised(lines.news(true)) ?? [];
      expect(turns).toHaveLength(2);
      for (const one of turns) heard.add(one);
      lines.hear([], 1);
    }
    expect(heard.size).toBe(60);
  });
});
