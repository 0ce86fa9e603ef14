import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { metrics } from '../../../lambda/runtime/metrics.ts';
import { recordMetrics } from '../../support/metrics.ts';

const lambda = join(import.meta.dirname, '../../../lambda');

describe('the list of metrics', () => {
  it('the list of metrics has every name that the functions record', () => {
    const recorded = readdirSync(lambda, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => [
        ...readFileSync(join(lambda, file), 'utf8').matchAll(/metrics\??\.add\(\s*([^,]*),/g),
      ])
      .map(([, name]) => name?.replaceAll("'", ''));
    expect(recorded).toEqual(expect.arrayContaining(['ImagesAdmitted', 'RequestsRefused']));
    expect(Object.keys(metrics)).toEqual(expect.arrayContaining(recorded));
  });

  it('docs/operations.md describes every metric with its dimensions', () => {
    const page = readFileSync(join(lambda, '../docs/operations.md'), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    for (const [name, { dimensions }] of Object.entries(metrics)) {
      const cells = rows.map((row) => row.split('|')).find(([, names]) => names?.includes(`\`${name}\``));
      const listed = Object.keys(dimensions).map((dimension) => `\`${dimension}\``);
      expect(cells?.[2]?.trim(), name).toBe(listed.join(', '));
    }
  });

  it('the names of metrics are valid for CloudWatch, with at most 40 combinations of dimensions each', () => {
    for (const [name, { dimensions }] of Object.entries(metrics)) {
      expect(name).toMatch(/^[A-Z][A-Za-z]{2,40}$/);
      const combinations = Object.values(dimensions).reduce((all: number, values) => all * values.length, 1);
      expect(combinations, name).toBeLessThanOrEqual(40);
    }
  });

  it('the recorder of the tests accepts only metrics of the list', () => {
    const { metrics: checked, recorded } = recordMetrics();
    checked.add('RequestsRefused', { Code: 'overloaded' });
    checked.add('SandboxDeaths', {}, 2);
    expect(recorded).toEqual([
      { name: 'RequestsRefused', dimensions: { Code: 'overloaded' }, value: 1 },
      { name: 'SandboxDeaths', dimensions: {}, value: 2 },
    ]);
    const add = checked.add as (name: string, dimensions: object) => void;
    expect(() => add('Surprises', {})).toThrow(RangeError);
    expect(() => add('SandboxDeaths', { Code: 'overloaded' })).toThrow(RangeError);
    expect(() => add('RequestsRefused', {})).toThrow(RangeError);
    expect(() => add('RequestsRefused', { Code: 'sixes' })).toThrow(RangeError);
  });
});
