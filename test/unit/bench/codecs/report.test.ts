import { describe, expect, it } from 'vitest';
import { drawCodecs } from '../../../../bench/codecs/report/chart.ts';
import { logTicks, rangeOf } from '../../../../bench/codecs/report/log.ts';
import { resultPage } from '../../../../bench/codecs/report/page.ts';
import { readResult, written } from '../../../../bench/codecs/report/recorded.ts';
import { scoreTable } from '../../../../bench/codecs/report/tables.ts';
import { reference, settings } from '../../../../bench/codecs/settings.ts';
import { madeUpResult } from './made-up.ts';

const cells = (lines: string[], label: string) =>
  lines
    .find((line) => line.startsWith(`| ${label} `))
    ?.split('|')
    .map((cell) => cell.trim())
    .slice(2, -1);

describe('the tables of the codecs', () => {
  const result = madeUpResult();

  it('show bytes and CPU against WebP effort 4', () => {
    const table = scoreTable(result, 'photo', 70);
    expect(cells(table, 'WebP effort 4')).toEqual(['1.00', '1.00']);
    expect(cells(table, 'AVIF effort 0, 4:2:0')).toEqual(['0.80', '0.75']);
  });

  it('show a dash where no picture reaches the score', () => {
    expect(cells(scoreTable(result, 'photo', 70), 'PNG, palette')).toEqual(['–', '–']);
  });

  it('show how many pictures reach the score, the middle half, and what is better at its lowest level', () => {
    const table = scoreTable(result, 'screenshot', 70);
    expect(cells(table, 'AVIF effort 0, 4:2:0')?.[0]).toBe('1.50 (1/2)');
    expect(cells(table, 'PNG, palette')?.[0]).toBe('0.13 +');
    // 1.5 on one; on the other the score is 15 lower, one and a half doublings more: 4.24.
    expect(cells(scoreTable(result, 'screenshot', 60), 'AVIF effort 0, 4:2:0')?.[0]).toBe('2.87 [2.19–3.56]');
  });

  it('count a picture only where both settings reach the score', () => {
    const half = madeUpResult();
    half.equal = half.equal.map((one) => ({ ...one, compared: Math.min(one.compared, 1) }));
    expect(cells(scoreTable(half, 'screenshot', 70), 'PNG, palette')?.[0]).toBe('0.13 (1/2) +');
  });

  it('show absolute numbers where WebP effort 4 does not reach the score', () => {
    const without = madeUpResult();
    without.equal = without.equal.map(({ bytesRatio: _, cpuRatio: __, ...one }) => one);
    expect(cells(scoreTable(without, 'photo', 70), 'AVIF effort 0, 4:2:0')).toEqual(['3.2 kB', '75 ms']);
  });

  it('are all on the page, each kind with the groups in front', () => {
    const page = resultPage(result);
    expect(page.match(/^### .*/gm)).toEqual(['### screenshots']);
    expect(page).toContain('## Score 80: all of flat areas and hard edges');
    expect(page).toContain('## arm64, not measured');
  });
});

describe('the chart of the codecs', () => {
  it('has a panel for each kind, and leaves out what is far from WebP effort 4', () => {
    const svg = drawCodecs(madeUpResult());
    expect(svg.match(/>photographs of cameras, 800 px</g)).toHaveLength(1);
    expect(svg.match(/>screenshots, 800 px</g)).toHaveLength(1);
    // WebP and AVIF at three scores in both panels, the palette on screenshots: for a photograph it has 20 times the bytes.
    expect(svg.match(/<circle/g)).toHaveLength(3 + 3 + 3 + 3 + 3);
    expect(svg).toContain(
      'AVIF effort 0, 4:2:0, against WebP effort 4 at score 70: photographs of cameras: 0.80',
    );
  });
});

describe('logarithmic axes', () => {
  it('have ticks at 1, 2 and 5', () => {
    expect(logTicks([Math.log10(8), Math.log10(120)]).map(({ label }) => label)).toEqual([
      '10',
      '20',
      '50',
      '100',
    ]);
  });

  it('span a tenfold at least', () => {
    const [from, to] = rangeOf([1, 1.1]);
    expect(to - from).toBeCloseTo(1);
    expect(rangeOf([])).toEqual([0, 1]);
  });
});

describe('the recorded JSON', () => {
  it('is read as it was written, with four significant digits', () => {
    const result = madeUpResult();
    const read = readResult(written(result));
    expect(read.settings).toEqual(result.settings);
    expect(read.pictures).toEqual(result.pictures);
    const [one, again] = [result, read].map(({ equal }) =>
      equal.find(
        ({ kind, setting, score }) => kind === 'screenshot' && setting === 'avif-0-420' && score === 60,
      ),
    );
    expect(one?.bytesRatio?.median).toBeCloseTo(2.8713, 4);
    expect(again).toMatchObject({
      pictures: 2,
      reached: 2,
      bytesRatio: { lower: 2.186, median: 2.871, upper: 3.557 },
    });
  });

  it('has quartiles as three numbers', () => {
    expect(written(madeUpResult())).toMatch(/"bytesRatio":\[[\d.]+,[\d.]+,[\d.]+\]/);
  });
});

describe('the settings', () => {
  it('have names of their own and rising ladders, and the one that others are compared with is among them', () => {
    expect(new Set(settings.map(({ name }) => name)).size).toBe(settings.length);
    expect(settings.map(({ name }) => name)).toContain(reference);
    for (const { ladder } of settings) expect(ladder).toEqual(ladder.toSorted((a, b) => a - b));
  });
});
