import { describe, expect, it } from 'vitest';
import { drainRate } from '../../../../lambda/policy/admission/drain.ts';
import { Line } from '../../../../lambda/policy/admission/line.ts';
import { shareOfWorkers } from '../../../../lambda/policy/admission/pace.ts';
import { Returns } from '../../../../lambda/policy/admission/returns.ts';
import { decodeNews, encodeNews } from '../../../../lambda/policy/admission/turns-blob.ts';
import { workOf } from '../../../../lambda/policy/admission/work.ts';

describe('the drain rate', () => {
  const seconds = (count: number, work: number) =>
    Array.from({ length: count }, () => ({ seconds: 1, work, images: work }));
  it.each([
    ['nothing was measured', [], 8],
    ['after a second of nothing, still almost the prior', seconds(1, 0), 7.6],
    ['after twenty seconds, two thirds are measured', seconds(20, 16), 13],
    ['after two minutes, all', seconds(120, 16), 16],
    ['a rate that was halved twenty seconds ago', [...seconds(100, 16), ...seconds(20, 8)], 11],
    ['workers that do nothing: not zero', seconds(120, 0), 0.16],
    ['six seconds of an outage', [...seconds(100, 16), { seconds: 6, work: 3, images: 3 }], 16],
    ['five slow seconds, which count', [...seconds(100, 16), { seconds: 5, work: 2.5, images: 3 }], 12.6],
    ['an outage of the database', [...seconds(100, 16), { seconds: 25, work: 20, images: 20 }], 16],
    [
      'a slow minute in which nobody asked',
      [...seconds(100, 16), { seconds: 60, work: 600, images: 600 }],
      10,
    ],
  ])('%s', (_, ended, rate) => {
    expect(drainRate(ended, 8)).toBeCloseTo(rate, 0);
  });
});

describe('the share of the workers', () => {
  it.each([
    [[], 1],
    [[500], 1],
    [[500, 4, 4], 0.8],
    [[500, 500], 0.5],
    [[500, 500, 8], 0.4],
    [[5, 5], 0.875],
  ])('of a busy tenant among %j is %d', (images, part) => {
    expect(shareOfWorkers(images, 40)).toBeCloseTo(part);
  });
});

it.each([
  [3_000_000, 3, 1],
  [10, 3, 0.75],
  [10, 0, 0.1],
  [25_000_000, 3, 2.83],
  [1e12, 3, 5.75],
])('an image of %d bytes and %d presets of two formats is %d photographs', (bytes, presets, work) => {
  const formats = { formats: ['webp' as const, 'jpeg' as const] };
  expect(workOf(bytes, Array(presets).fill(formats))).toBeCloseTo(work, 2);
});

describe('a line', () => {
  const turn = (digest: string, due: number, cost = 1) => ({ digest, due, cost });

  it('counts the work before a turn, whatever order turns were added in', () => {
    const line = new Line();
    for (const [n, due] of [5_000, 3_000, 3_500, 9_000].entries()) line.add(turn(`t${n}`, due));
    expect([line.before(3_000), line.before(5_000), line.before(9_000), line.waiting]).toEqual([0, 2, 3, 4]);
    expect(line.remove(turn('t1', 3_000))).toBe(true);
    expect([line.remove(turn('t1', 3_000)), line.before(9_000), line.size]).toEqual([false, 2, 3]);
  });

  it('holds each turn once, and of requests that look the same the first comes first', () => {
    const line = new Line();
    expect([line.add(turn('a', 2)), line.add(turn('a', 1)), line.add(turn('a', 2))]).toEqual([
      true,
      true,
      false,
    ]);
    expect(line.find('a')).toEqual({ turn: turn('a', 1), of: 2 });
    expect(line.find('b')).toBeUndefined();
  });

  it('passes over a turn that nobody takes, and forgets it a minute after it was called', () => {
    const line = new Line();
    line.add(turn('gone', 1_000));
    line.add(turn('next', 2_000));
    line.advance(1_000, 5);
    expect(line.before(2_000)).toBe(1);
    line.advance(6_000, 5);
    expect([line.before(2_000), line.find('gone')?.of]).toEqual([0, 1]);
    line.advance(61_000, 5);
    expect(line.find('gone')).toBeUndefined();
  });

  it('has a turn where its request returns', () => {
    const line = new Line();
    for (const [digest, due] of [
      ['a', 1_000],
      ['b', 2_000],
      ['a', 4_000],
    ] as const)
      line.add(turn(digest, due));
    expect(line.add({ ...turn('a', 1_000), back: 9_000 })).toBe(false);
    expect([line.before(2_000), line.before(9_000), line.waiting, line.size]).toEqual([0, 2, 3, 3]);
    expect(line.find('a')?.turn.due).toBe(4_000);
    // Told by another environment before that.
    line.add({ ...turn('a', 1_000), back: 5_000 });
    expect(line.before(9_000)).toBe(2);
    expect([line.remove(turn('a', 1_000)), line.waiting]).toEqual([true, 2]);
  });

  it('calls nobody without room', () => {
    const line = new Line();
    line.add(turn('a', 1_000));
    for (const now of [1_000, 10_000, 100_000]) line.advance(now, 0.5);
    expect([line.waiting, line.size]).toEqual([1, 1]);
  });
});

describe('returns', () => {
  const told = (count: number, rate: number, seconds = 0, returns = new Returns('seed')) =>
    Array.from({ length: count }, () => returns.book(0, { seconds, work: 1, rate, longest: 3_600 }));
  const most = (times: number[], span: number) =>
    Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + span).length));

  it.each([0.05, 0.5, 1.5, 2.9, 40])('of %d a second are never more, rounded, and hardly fewer', (rate) => {
    const times = told(500, rate).filter((at) => at < 3_600);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(most(times, 1)).toBeLessThanOrEqual(Math.ceil(rate + 0.5));
    expect(most(times, 60)).toBeLessThanOrEqual(60 * rate + 2 * Math.max(1, rate) + 2);
    expect(times.length / (times.at(-1) ?? 0)).toBeGreaterThan(0.75 * rate);
  });

  it('fill what was left between others', () => {
    const returns = new Returns('seed');
    for (let second = 1; second <= 20; second += 1) told(1, 2, second, returns);
    expect(told(3, 2, 0, returns)).toEqual([1, 2, 3]);
    expect(told(1, 2, 15, returns)).toEqual([15]);
  });

  it('are told the longest time when everything before is full, and forgotten when they have passed', () => {
    const returns = new Returns('seed');
    const book = (now: number) => returns.book(now, { seconds: 0, work: 1, rate: 1, longest: 10 });
    for (let n = 0; n < 40; n += 1) book(0);
    expect([book(0), book(1_000)]).toEqual([10, 1]);
  });
});

it('news arrive as they were sent', () => {
  const news = {
    decided: 12,
    lines: [
      {
        line: 'nacme',
        promised: [{ digest: '\u0000ÿ234567', due: 1_790_000_000_123, cost: 1.25 }],
        ended: [],
      },
      { line: 'bäöü', promised: [], ended: [{ digest: 'abcdefgh', due: 5 }] },
    ],
  };
  expect(decodeNews(encodeNews(news))).toEqual(news);
  const back = { digest: 'abcdefgh', due: 1_000, cost: 1, back: 31_000 };
  const postponed = { decided: 1, lines: [{ line: 'nacme', promised: [back], ended: [] }] };
  expect(decodeNews(encodeNews(postponed))).toEqual(postponed);
  // The deployment before reads only version 1.
  expect([encodeNews(news)[0], encodeNews(postponed)[0]]).toEqual([1, 2]);
});
