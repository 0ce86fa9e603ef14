import { parseXml, type XmlElement } from '@rgrove/parse-xml';
import { describe, expect, it } from 'vitest';
import { columnsOf, drawable } from '../../../bench/spike/chart/columns.ts';
import { drawSpike } from '../../../bench/spike/chart/draw.ts';
import { loadPhases } from '../../../bench/spike/chart/phases.ts';
import { highest, ratesOf } from '../../../bench/spike/chart/rates.ts';
import type { Sample } from '../../../bench/spike/result.ts';
import { madeUpResult } from './made-up-result.ts';

const result = madeUpResult();
const { plain, sluice } = result;
if (plain === undefined || sluice === undefined) throw new Error('Both designs are made up.');
const picture = drawSpike(result);
const textsOf = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);

describe('the picture of the spike', () => {
  it('is one well-formed SVG as wide as a README, and contains everything that it needs', () => {
    const root = parseXml(picture).root as XmlElement;
    expect(root.attributes.width).toBe('880');
    expect(picture).not.toMatch(/<script|<image|url\(|href=|NaN|undefined/);
  });

  it('has the numbers of both designs, for those who do not see it too', () => {
    expect(textsOf(picture)).toEqual(expect.arrayContaining(['41,234', '10,900', '15,800', '900']));
    expect(textsOf(picture).filter((text) => text === '0').length).toBeGreaterThanOrEqual(4);
    expect(picture).toMatch(/<desc[^>]*>[^<]*16,400 images accepted[^<]*41,234 connections refused/);
  });

  it('names the limit, the budget, the objective, each fault and the machine', () => {
    const texts = textsOf(picture).join('\n');
    for (const part of ['max_connections 100', 'budget 65', 'objective 60 s', 'made up', 'npm run spike'])
      expect(texts).toContain(part);
    for (const fault of ['deploy', 'Postgres down', 'S3 fails']) expect(textsOf(picture)).toContain(fault);
  });

  it('the flood of Sluice goes on through its faults, and that of the plain design does not', () => {
    const named = (run: typeof plain) => loadPhases(run).map(({ name, from, to }) => [name, from, to]);
    expect(named(sluice)).toEqual([
      ['quiet', 0, 20],
      ['shed', 20, 80],
      ['flood', 80, 240],
      ['drain', 240, 360],
    ]);
    expect(named(plain)).toEqual([
      ['quiet', 0, 20],
      ['flood', 20, 60],
      ['drain', 60, 170],
    ]);
  });

  it('says none only of a design that was refused no connection', () => {
    const none = (svg: string) => textsOf(svg).filter((text) => text === 'none').length;
    expect(none(picture)).toBe(1);
    const refused = { ...sluice, outcome: { ...sluice.outcome, refusedConnections: 3 } };
    expect(none(drawSpike({ ...result, sluice: refused }))).toBe(0);
  });

  it('a run that is missing is not drawn as one without trouble', () => {
    const { sluice: _, ...half } = result;
    expect(() => drawSpike(half)).toThrow('both runs');
  });

  it('the columns are as wide as the runs are long, and neither is too narrow', () => {
    const widths = (seconds: number) =>
      columnsOf({ ...plain, seconds }, { ...sluice, seconds: 400 }).map(({ width }) => width);
    const [narrow = 0, wide = 0] = widths(10);
    const [left = 0, right = 0] = widths(390);
    expect(narrow).toBe(340);
    expect(wide).toBeGreaterThan(narrow);
    expect(left / right).toBeCloseTo(390 / 400);
  });
});

describe('a sample that was not read', () => {
  const without = ({ connections: _, ...sample }: Sample): Sample => sample;
  const drawn = (change: (one: Sample, index: number) => Sample) =>
    drawSpike({ ...result, sluice: { ...sluice, samples: sluice.samples.map(change) } });

  it('is a gap, and not one without connections', () => {
    const gap = drawn((one, index) => (index >= 100 && index < 140 ? without(one) : one));
    const none = drawn((one, index) => (index >= 100 && index < 140 ? { ...one, connections: {} } : one));
    const areas = (svg: string) => svg.match(/<path d="[^"]*Z[^"]*Z/g)?.length ?? 0;
    expect(gap).not.toContain('NaN');
    expect(areas(gap)).toBeGreaterThan(areas(none));
  });

  it('gives its place in the file and in the picture to one that was read', () => {
    const [first] = plain.samples;
    if (first === undefined) throw new Error('There are samples.');
    const read = { ...first, at: 1.4, connections: {} };
    const samples = [without({ ...first, at: 1 }), read, { ...first, at: 99 }];
    expect(drawable({ ...plain, seconds: 100, samples }, 40).samples).toContain(read);
  });
});

describe('what is drawn of a run', () => {
  it('is the most connections of each span, and the end', () => {
    const sample = (at: number, api: number) => ({ ...plain.samples[0], at, connections: { api } }) as Sample;
    const samples = [sample(0, 1), sample(1, 9), sample(2, 3), sample(60, 4), sample(99, 5), sample(99.5, 2)];
    const run = drawable({ ...plain, seconds: 100, samples }, 40);
    expect(run.samples).toEqual([samples[1], samples[3], samples[4], samples[5]]);
  });
});

describe('rates of a cumulative count', () => {
  const samples = [
    [0, 0],
    [0.5, 4],
    [1.2, 6],
    [3.1, 12],
  ].map(([at, refused]) => ({ at, refused }) as Sample);

  it('are per second, and no event is dropped', () => {
    const bars = ratesOf(samples, (sample) => sample.refused, 1);
    expect(bars.map(({ value }) => value)).toEqual([4, 2, 0, 6]);
    expect(bars.reduce((sum, { value, from, to }) => sum + value * (to - from), 0)).toBe(12);
  });

  it('the highest is the greatest sum of bars that begin together', () => {
    const bar = (from: number, value: number) => ({ from, to: from + 1, value });
    expect(highest([bar(0, 5), bar(1, 1)], [bar(1, 6)])).toBe(7);
  });
});
