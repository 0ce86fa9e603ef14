import { describe, expect, it } from 'vitest';
import { isKept, judge } from '../../../bench/spike/promises.ts';
import type { CpuByPart, DesignRun, Recovery } from '../../../bench/spike/result.ts';
import { badRun, goodCpu, goodRun, sample } from './made-up.ts';

const good = () => ({ quick: false, plain: badRun(), sluice: goodRun(), cpu: goodCpu() });
const broken = (rows: ReturnType<typeof judge>) =>
  rows.filter(({ kept }) => !kept).map(({ promise }) => promise);

const outcome = (changes: Partial<DesignRun['outcome']>) => (run: DesignRun) => {
  Object.assign(run.outcome, changes);
};
const told = (changes: Partial<NonNullable<DesignRun['told']>>) => (run: DesignRun) => {
  Object.assign(run.told ?? {}, changes);
};
const database = (changes: Partial<Recovery>) => (run: DesignRun) => {
  Object.assign(run.recovery[0] ?? {}, changes);
};
const samples =
  (...all: Parameters<typeof sample>[0][]) =>
  (run: DesignRun) => {
    run.samples = [sample(), ...all.map(sample)];
  };

const breaks: [promise: string, what: string, change: (run: DesignRun) => void][] = [
  [
    'connections at each sample',
    'one sample above the budget',
    samples({ connections: { api: 40, process: 8, other: 5 } }),
  ],
  ['connections at each sample', 'a role above its limit', samples({ connections: { process: 9 } })],
  [
    'samples of connections that were read',
    'more than one in a hundred unread',
    (run) => {
      run.sampled.unread = 61;
    },
  ],
  [
    'samples of connections that were read',
    'no sample while the database was up',
    (run) => {
      run.sampled.whileUp = 0;
    },
  ],
  [
    'connections refused with 53300',
    'one in steady state',
    outcome({ refusedConnections: 1, refusedInSteadyState: 1 }),
  ],
  ['executions at each sample', 'one sample above the cap', samples({ executions: 9 })],
  [
    'executions at each sample',
    'a run that never reaches the cap',
    (run) => {
      run.samples = [sample({ executions: 7 })];
    },
  ],
  [
    'a deploy in the middle',
    'one generation all the time',
    (run) => {
      run.samples = [sample({ generations: 1 })];
    },
  ],
  ['lost / doubled effects / dead-lettered untried', 'an image lost', outcome({ lost: 1 })],
  ['lost / doubled effects / dead-lettered untried', 'an effect doubled', outcome({ doubled: 1 })],
  ['lost / doubled effects / dead-lettered untried', 'dead-lettered untried', outcome({ untriedDead: 1 })],
  ['lost / doubled effects / dead-lettered untried', 'a run without an image', outcome({ images: 0 })],
  ['sound images that were rejected or failed', 'a sound image rejected', outcome({ soundRejected: 1 })],
  ['sound images that were rejected or failed', 'an image failed', outcome({ failed: 1 })],
  [
    'requests and uploads that ended in an error',
    'one that got a 500',
    outcome({ endedBy: { internal_error: 1 } }),
  ],
  ['variants in the bucket as recorded', 'an object that differs', outcome({ differing: 1 })],
  ['variants in the bucket as recorded', 'nothing compared', outcome({ verified: 0 })],
  ['age of the oldest admitted work', 'older than the objective', outcome({ oldestWithoutFaults: 60.1 })],
  ['obedient clients let in at their first return', 'too few', told({ letInAtFirstReturn: 0.89 })],
  ['obedient clients let in at their first return', 'no return', told({ returns: 0 })],
  [
    'obedient clients let in at their first return',
    'a refusal that says no time',
    told({ withoutRetryAfter: 1 }),
  ],
  ['told against needed', 'told too short', told({ againstNeeded: 0.79 })],
  ['told against needed', 'told too long', told({ againstNeeded: 1.21 })],
  ['told against needed', 'nothing to compare', told({ compared: 0 })],
  [
    'other tenants’ p95 beside the loud one',
    'slower than twice the quiet value',
    (run) => {
      run.latency.deploy = { others: { count: 50, p50: 2, p95: 4.1, p99: 5, max: 5 } };
    },
  ],
  [
    'API p99 while shedding',
    'slower than five times the idle value',
    (run) => {
      run.api.shed = { count: 500, p50: 20, p95: 100, p99: 201, max: 300 };
    },
  ],
  [
    'other tenants’ p95 beside the loud one',
    'a phase in which none of their images was measured',
    (run) => {
      run.latency.flood = { others: { count: 0, p50: 0, p95: 0, p99: 0, max: 0 } };
    },
  ],
  [
    'API p99 while shedding',
    'more than one request in a hundred without a response',
    (run) => {
      run.unanswered = { shed: 2 };
    },
  ],
  [
    'API p99 while shedding',
    'requests without a response that nobody counted',
    (run) => {
      run.unanswered = {};
    },
  ],
  ['herd: returns a second after a recovery', 'no return', database({ herdPerDrain: 0 })],
  ['herd: returns a second after a recovery', 'too many', database({ herdPerDrain: 1.51 })],
  ['first success after the database is back', 'too late', database({ firstSuccess: 5.1 })],
  ['first success after the database is back', 'never', database({ firstSuccess: undefined as never })],
  ['drain at full speed after the database is back', 'too late', database({ fullSpeed: 10.1 })],
  ['drain at full speed after the database is back', 'never', database({ fullSpeed: undefined as never })],
];

describe('the promises of a spike', () => {
  it('a good run keeps all of them', () => {
    const rows = judge(good());
    expect(broken(rows)).toEqual([]);
    expect(rows.every(({ judged }) => judged)).toBe(true);
    expect(isKept(rows)).toBe(true);
  });

  it.each(breaks)('“%s” breaks with %s, and no other with it', (promise, _, change) => {
    const result = good();
    change(result.sluice);
    const rows = judge(result);
    expect(broken(rows).filter((one) => one !== 'plain beside Sluice')).toEqual([promise]);
    expect(isKept(rows)).toBe(false);
  });

  it('every promise is broken by one of these numbers', () => {
    const all = judge({ quick: false, sluice: goodRun() }).map(({ promise }) => promise);
    expect([...new Set(breaks.map(([promise]) => promise))].sort()).toEqual(all.sort());
  });

  it.each<[string, Partial<CpuByPart>]>([
    [
      'CPU of the functions for one 640 × 480 JPEG as a body',
      { msPerImage: { ...goodCpu().msPerImage, functions: 18.1 } },
    ],
    [
      'CPU of the functions for one 640 × 480 JPEG as a body',
      { msPerImage: { ...goodCpu().msPerImage, functions: 0 } },
    ],
    ['CPU of runner and fauxqs', { msPerImage: { ...goodCpu().msPerImage, fauxqs: 0 } }],
    ['CPU of runner and fauxqs', { msPerImage: { ...goodCpu().msPerImage, fauxqs: 8.1 } }],
    ['images a second on this machine', { imagesPerSecond: 24.9 }],
  ])('“%s” breaks with its number', (promise, change) => {
    expect(broken(judge({ ...good(), cpu: { ...goodCpu(), ...change } }))).toEqual([promise]);
  });

  it.each<[string, (result: ReturnType<typeof good>) => void]>([
    ['plain refuses no connection', ({ plain }) => Object.assign(plain.outcome, { refusedConnections: 0 })],
    ['plain does no harm', ({ plain }) => Object.assign(plain.outcome, { lost: 0, late: 0, untriedDead: 0 })],
    ['Sluice delays', ({ sluice }) => Object.assign(sluice.outcome, { late: 1 })],
  ])('plain beside Sluice shows nothing if %s', (_, change) => {
    const result = good();
    change(result);
    expect(broken(judge(result))).toEqual(['plain beside Sluice']);
  });

  it('a quick run judges only what does not depend on the speed of the machine', () => {
    const result = { ...good(), quick: true };
    Object.assign(result.sluice.recovery[0] ?? {}, { herdPerDrain: 9, firstSuccess: 50, fullSpeed: 50 });
    result.sluice.api.shed = { count: 500, p50: 20, p95: 100, p99: 2000, max: 3000 };
    expect(isKept(judge(result))).toBe(true);
    Object.assign(result.sluice.outcome, { lost: 1 });
    expect(isKept(judge(result))).toBe(false);
  });

  it('one sample in a hundred may be unread, of the plain design too', () => {
    const result = good();
    result.sluice.sampled.unread = 60;
    expect(isKept(judge(result))).toBe(true);
    result.plain.sampled.unread = 61;
    expect(broken(judge(result))).toEqual(['samples of connections that were read']);
    expect(isKept(judge({ ...result, quick: true }))).toBe(false);
  });

  it('a sample that was not read is none without connections', () => {
    const { connections: _, ...unread } = sample();
    const result = good();
    result.sluice.samples = [unread, sample({ connections: { process: 3 } }), unread];
    expect(judge(result).map(({ seen }) => seen)).toContain(
      'at most 3 (process 3) in 6400 samples, 60 ms apart at most',
    );
  });

  it('nothing judged is nothing kept', () => {
    expect(isKept(judge({ quick: false }))).toBe(false);
  });
});
