import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { seeded } from '../../../bench/imaging/photographs/random.ts';
import { Arrivals } from '../../../bench/spike/sluice/arrivals.ts';
import { nextRate } from '../../../bench/spike/sluice/machine-load.ts';
import { followPostgresLog } from '../../../bench/spike/sluice/postgres-log.ts';

describe('arrivals', () => {
  it('come at their rates, however often they are asked for', () => {
    const arrivals = new Arrivals(seeded(1));
    arrivals.set({ a: 100, b: 1 }, 0);
    const counts: Record<string, number> = { a: 0, b: 0 };
    for (let now = 0; now <= 100_000; now += 250)
      for (const tenant of arrivals.due(now)) counts[tenant] = (counts[tenant] ?? 0) + 1;
    expect(counts.a).toBeGreaterThan(9_500);
    expect(counts.a).toBeLessThan(10_500);
    expect(counts.b).toBeGreaterThan(60);
    expect(counts.b).toBeLessThan(140);
  });

  it.each([
    ['the same', 1, 1],
    ['nearly the same', 1, 1.001],
  ])('come no sooner when %s rate is set again each second', (_, ...rates) => {
    const arrivals = new Arrivals(seeded(1));
    let count = 0;
    for (let second = 0; second <= 1_000; second += 1) {
      arrivals.set({ a: rates[second % 2] ?? 0 }, second * 1_000);
      count += arrivals.due((second + 1) * 1_000).length;
    }
    expect(count).toBeGreaterThan(900);
    expect(count).toBeLessThan(1_100);
  });

  it('end when the rate is zero or gone', () => {
    const arrivals = new Arrivals(seeded(1));
    arrivals.set({ a: 100, b: 100 }, 0);
    arrivals.set({ a: 0 }, 0);
    expect(arrivals.due(10_000)).toEqual([]);
  });
});

describe('the rate of the flood', () => {
  it.each([
    [0.5, 115],
    [0.15, 100],
    [0.05, 85],
  ])('with %s of the machine idle 100 becomes %s', (idle, next) => {
    expect(nextRate(100, idle, { least: 10, most: 1_000 })).toBeCloseTo(next, 6);
  });

  it('stays within its bounds', () => {
    expect(nextRate(100, 0.5, { least: 10, most: 105 })).toBe(105);
    expect(nextRate(100, 0, { least: 95, most: 105 })).toBe(95);
  });
});

describe('refused connections in the log of Postgres', () => {
  it('counts all texts of 53300, in pieces and after the log was begun anew', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-spike-log-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'postgres.log');
    expect(() => followPostgresLog(path)).toThrow('ENOENT');
    writeFileSync(path, '');
    const log = followPostgresLog(path);
    expect(log.refused()).toBe(0);
    writeFileSync(path, 'x [1] a FATAL:  sorry, too many clients already\nx [1] a FATAL:  too many conn');
    expect(log.refused()).toBe(1);
    writeFileSync(
      path,
      'ections for role "sluice_api"\nx [1] a FATAL:  the database system is starting up\n',
      { flag: 'a' },
    );
    expect(log.refused()).toBe(2);
    renameSync(path, `${path}.old`);
    writeFileSync(
      path,
      'x FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute\n',
    );
    expect(log.refused()).toBe(3);
    writeFileSync(path, 'x FATAL:  sorry, too many clients already\n');
    expect(log.refused()).toBe(4);
    log.close();
  });
});
