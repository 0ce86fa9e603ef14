import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Camera } from '../../../bench/imaging/equal/cameras.ts';
import { scoresFor } from '../../../bench/imaging/equal/equal.ts';
import { inTurn, openJudge } from '../../../bench/imaging/equal/judge.ts';
import { type Scores, valuesFor } from '../../../bench/imaging/equal/search.ts';
import { greatestLoss, lossOf, scoredFiles, type WayVariants } from '../../../bench/imaging/equal/variant.ts';
import { pairsIn, pairsOf, spread } from '../../../bench/imaging/measures/pairs.ts';
import type { Runs } from '../../../bench/imaging/measures/rounds.ts';
import { ffmpegWords, magickWords } from '../../../bench/imaging/peers/commands.ts';
import type { Missing } from '../../../bench/imaging/peers/peer.ts';
import { promises } from '../../../bench/imaging/report/promises.ts';
import { scoreTable } from '../../../bench/imaging/report/variants.ts';
import {
  lossless,
  outputsWith,
  type Qualities,
  type Target,
  type Task,
  writeVariant,
} from '../../../bench/imaging/task.ts';

describe('the search for equal scores', () => {
  /** Scores of `slope` points a step of quality, and the probes that were asked for. */
  const encoder = (slope: number) => {
    const probes: Qualities[] = [];
    const probe = async (qualities: Qualities): Promise<Scores> => {
      probes.push(qualities);
      return Object.fromEntries(Object.entries(qualities).map(([name, quality]) => [name, quality * slope]));
    };
    return { probes, probe };
  };

  it.each([
    [70, 'nearest', 70],
    [70.4, 'nearest', 70],
    [70.6, 'nearest', 71],
    [70.1, 'at-least', 71],
    [70, 'at-least', 70],
    [1, 'nearest', 1],
    [-5, 'at-least', 1],
    [100, 'at-least', 100],
    [250, 'at-least', 100],
    [250, 'nearest', 100],
  ] as const)('a score of %s, %s: quality %s', async (score, choice, expected) => {
    expect(await valuesFor({ a: score }, encoder(1).probe, choice)).toEqual({ a: expected });
  });

  it('searches all variants at once, in seven probes', async () => {
    const { probes, probe } = encoder(0.5);
    const wanted = { 'large.avif': 11, 'large.jpeg': 42, 'small.jpeg': 49.8 };
    expect(await valuesFor(wanted, probe, 'nearest')).toEqual({
      ...{ 'large.avif': 22, 'large.jpeg': 84, 'small.jpeg': 100 },
    });
    expect(probes).toHaveLength(7);
    for (const asked of probes) expect(Object.keys(asked)).toEqual(Object.keys(wanted));
  });

  it.each([
    [62.2, 62.5],
    [62.5, 62.5],
    [12, 40],
    [95, 90],
  ])('in a range with steps: at least %s is %s', async (score, expected) => {
    const { probes, probe } = encoder(1);
    const range = { least: 40, most: 90, step: 0.5 };
    expect(await valuesFor({ large: score }, probe, 'at-least', range)).toEqual({ large: expected });
    expect(probes.length).toBeLessThanOrEqual(7);
  });

  it('a variant that is not made ends the search', async () => {
    await expect(valuesFor({ a: 1 }, async () => ({}), 'nearest')).rejects.toThrow('a was not made');
  });
});

describe('the scores that a way is to have', () => {
  const defaults = { 'large.avif': 70.123, 'large.jpeg': 71, 'small.webp': 72, 'small.jpeg': 73 };

  it('in the formats of the defaults, or in one that is named', () => {
    expect(scoresFor(undefined, defaults)).toEqual({ ...defaults, 'large.avif': 70.12 });
    expect(scoresFor('webp', defaults)).toEqual({
      ...{ 'large.webp': 70.12, 'large.jpeg': 71, 'small.webp': 72, 'small.jpeg': 73 },
    });
  });

  it('where the JPEG serves alone, a named format has its score', () => {
    expect(scoresFor('webp', { 'large.jpeg': 71 })).toEqual({ 'large.webp': 71, 'large.jpeg': 71 });
    expect(scoresFor(undefined, { 'large.jpeg': 71 })).toEqual({ 'large.jpeg': 71 });
    expect(() => scoresFor('webp', { 'large.avif': 71 })).toThrow('no JPEG of large');
  });
});

const way = (name: string, scores: Scores): WayVariants => ({
  ...{ name, label: name },
  variants: Object.entries(scores).map(([variant, score]) => {
    const [preset = '', format = ''] = variant.split('.');
    return { preset, format, bytes: 1000, score };
  }),
});

it('a judge that cannot be installed is said to be skipped, with the reason', async () => {
  const said: string[] = [];
  const judge = await openJudge(
    (line) => void said.push(line),
    async () => {
      throw new Error('python3 is not installed');
    },
  );
  expect(judge).toEqual({ name: 'the judge', why: 'python3 is not installed' });
  expect(said.join()).toMatch(/^SKIPPED: .*equal score.*python3 is not installed$/);
});

it('judges work side by side, each on one thing at a time, also behind one that failed', async () => {
  const turn = inTurn(['a', 'b']);
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const begun: string[] = [];
  const done = gates.map(({ promise }, at) =>
    turn(async (hand) => {
      begun.push(`${hand}${at}`);
      await promise;
      return at;
    }),
  );
  await Promise.resolve();
  expect(begun).toEqual(['a0', 'b1']);
  gates[0]?.reject(new Error('broken'));
  for (const { resolve } of gates) resolve();
  await expect(done[0]).rejects.toThrow('broken');
  expect(await Promise.all(done.slice(1))).toEqual([1, 2, 3]);
  expect(begun.toSorted()).toEqual(['a0', 'a2', 'b1', 'b3']);
});

describe('the greatest loss of score', () => {
  const former = way('fixed', { 'large.webp': 70, 'large.jpeg': 80 });

  it('is that of the worst size, AVIF against WebP, whatever the JPEG has', () => {
    const others = way('fixed', { 'large.webp': 70, 'large.jpeg': 80, 'small.webp': 66 });
    const loss = (scores: Scores) => greatestLoss([others, way('matched', scores)], 'matched', 'fixed');
    expect(loss({ 'large.avif': 71, 'large.jpeg': 60, 'small.avif': 68 })).toBe(-1);
    expect(loss({ 'large.avif': 79, 'large.jpeg': 77, 'small.avif': 63 })).toBe(3);
    expect(loss({ 'small.avif': 90 })).toBe(Number.POSITIVE_INFINITY);
  });

  it('a JPEG that serves alone stands for both', () => {
    const loss = (own: Scores, others: Scores) => lossOf(scoredFiles(own), scoredFiles(others));
    expect(loss({ 'large.jpeg': 75 }, { 'large.webp': 78, 'large.jpeg': 70 })).toBe(3);
    expect(loss({ 'large.jpeg': 75 }, { 'large.webp': 70, 'large.jpeg': 74 })).toBe(-1);
    expect(loss({ 'small.jpeg': 75 }, { 'large.jpeg': 70 })).toBe(Number.POSITIVE_INFINITY);
  });

  it('is unknown where one of both was not judged', () => {
    expect(greatestLoss([former], 'matched', 'fixed')).toBeUndefined();
  });
});

describe('the formats of one picture', () => {
  it('each JPEG goes with the other file of its size', () => {
    const scores = { 'large.avif': 70, 'large.jpeg': 72, 'small.jpeg': 60, 'small.webp': 65 };
    expect(pairsOf('p', scores)).toEqual([
      { photograph: 'p', preset: 'large', format: 'avif', score: 70, jpeg: 72 },
      { photograph: 'p', preset: 'small', format: 'webp', score: 65, jpeg: 60 },
    ]);
    expect(pairsOf('p', { 'large.jpeg': 72 })).toEqual([]);
  });

  it('sizes that have the JPEG alone are counted', () => {
    const defaults = { 'large.avif': 70, 'large.jpeg': 72, 'small.jpeg': 60 };
    const found = pairsIn([{ photograph: 'p', defaults }]);
    expect(found).toMatchObject({ photographs: 1, alone: 1, median: 2, p90: 2 });
    expect(pairsIn([])).toBeUndefined();
  });

  it('the spread is of absolute differences: the median, and nine in ten', () => {
    const pairs = [1, -2, 3, -4, 5, -6, 7, -8, 9, -30].flatMap((difference) =>
      pairsOf('p', { 'large.avif': 70 + difference, 'large.jpeg': 70 }),
    );
    expect(spread(pairs)).toEqual({ median: 5, p90: 9 });
  });
});

describe('the promises', () => {
  const run = (cpuMs: number) => [{ cpuMs, wallMs: 0, peakRssMb: 0, bytes: {} }];
  const runs: Runs = new Map([
    ...([
      ['sluice', run(30)],
      ['matched', run(35)],
      ['fixed', run(50)],
      ['plain-equal', run(100)],
      ['pillow-equal', run(40)],
    ] as const),
  ]);
  const seen = (missing: Missing[], variants: WayVariants[], cameras: Camera[] = []) => {
    const all = promises({ runs, missing, variants, cameras, fidelity: [], overhead: undefined });
    return (measure: string) => all.find((one) => one.measure.startsWith(measure));
  };

  it('compare at equal score: with the former defaults, six plain pipelines, and Pillow', () => {
    const scores = { 'large.avif': 71, 'large.jpeg': 80 };
    const of = seen([], [way('matched', scores), way('fixed', { 'large.webp': 71.5, 'large.jpeg': 80 })]);
    expect(of('CPU of the default job against')).toMatchObject({ seen: 0.7, must: 0.8, aim: 0.7 });
    expect(of('the same: greatest loss')).toMatchObject({ seen: 0.5, must: 0 });
    expect(of('CPU against six plain')).toMatchObject({ seen: 0.3, must: 0.4, aim: 0.33 });
    expect(of('CPU against warm Pillow')).toMatchObject({ seen: 0.75 });
  });

  it('the ratios of photographs of cameras are medians', () => {
    const cameras = [0.9, 0.5, 0.7].map((ratio) => ({
      ...{ photograph: 'p', cpuMs: 1, ofFixed: ratio, ofPlain: ratio / 2, scores: {}, loss: 0, defaults: {} },
    }));
    const of = seen([], [], cameras);
    expect(of('CPU of the default job at no lower')).toMatchObject({ seen: 0.7, aim: 0.8 });
    expect(of('CPU against six in WebP and JPEG on')).toMatchObject({ seen: 0.35, aim: 0.4 });
    expect(seen([], [])('CPU against six in WebP')).toMatchObject({ seen: undefined });
  });

  it('without a judge the reason is in the table', () => {
    const of = seen([{ name: 'the judge', why: 'no network' }], []);
    expect(of('the same: greatest loss')).toMatchObject({ seen: undefined, why: 'no network' });
    expect(of('score between the formats')).toMatchObject({ seen: undefined, why: 'no network' });
  });
});

it('the table of scores has each size under its format, and qualities that were searched', () => {
  const [one, other] = [
    way('matched', { 'small.avif': 71.26, 'large.avif': 70, 'large.jpeg': 80 }),
    way('plain', { 'large.webp': 69 }),
  ];
  for (const variant of one.variants) variant.quality = 60;
  const [head, , matched, plain] = scoreTable([one, other])
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  expect(head?.slice(1, -1)).toEqual(['way', 'format', 'large', 'small', 'large, jpeg', 'small, jpeg']);
  expect(matched?.slice(1, -1)).toEqual(['matched', 'avif', '70.0 (60)', '71.3 (60)', '80.0 (60)', '']);
  expect(plain?.slice(1, -1)).toEqual(['plain', 'webp', '69.0', '', '', '']);
});

describe('the task of a way', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-task-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const mark = { rgba: '/m.rgba', png: '/m.png', width: 20, height: 7, left: 70, top: 60 };
  const targets: Target[] = [
    { preset: 'large', width: 100, height: 75, mark, outputs: [] },
    { preset: 'small', width: 20, height: 15, outputs: [] },
  ];
  const task: Task = { photographs: { one: { path: '/one.jpg', targets } } };
  const written = (file: string) =>
    JSON.parse(readFileSync(file, 'utf8')).photographs.one.targets as Target[];

  it('each size has the outputs of its qualities', () => {
    const qualities = { 'large.avif': 55, 'large.jpeg': 70, 'small.jpeg': 66 };
    const [large, small] = written(writeVariant(task, folder, 'equal', outputsWith(qualities)));
    expect(large).toMatchObject({ mark, outputs: [{ format: 'avif', quality: 55 }, { format: 'jpeg' }] });
    expect(small?.outputs).toEqual([{ format: 'jpeg', quality: 66 }]);
  });

  it('of the pixels: with the mark, or without', () => {
    const of = (marked: boolean) => written(writeVariant(task, folder, 'pixels', lossless, marked))[0];
    expect(of(true)).toMatchObject({ mark, outputs: [{ format: 'png' }] });
    expect(of(false)).not.toHaveProperty('mark');
  });

  it('the programs get a file and a quality for each output', () => {
    const outputs = outputsWith({ 'large.avif': 50, 'large.jpeg': 80, 'small.webp': 33 });
    const wanted = targets.map((target) => ({ ...target, outputs: outputs(target) }));
    const ffmpeg = ffmpegWords('/one.jpg', wanted).join(' ');
    expect(ffmpeg).toContain('split=2[large-avif][large-jpeg]');
    expect(ffmpeg).toMatch(/-crf 32 .*\{out\}\/large\.avif/);
    expect(ffmpeg).toMatch(/-q:v 4 .*\{out\}\/large\.jpeg/);
    expect(ffmpeg).toMatch(/-quality 33 .*\{out\}\/small\.webp/);
    const magick = magickWords('convert', '/one.jpg', wanted).join(' ');
    expect(magick).toContain('-quality 50 -write {out}/large.avif -quality 80 -write {out}/large.jpeg');
  });
});
