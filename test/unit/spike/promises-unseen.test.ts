import { expect, it } from 'vitest';
import { judge } from '../../../bench/spike/promises.ts';
import type { DesignRun } from '../../../bench/spike/result.ts';
import { badRun, goodRun } from './made-up.ts';

/* What a run has not seen is not kept. */

const quiet = 'other tenants’ p95 beside the loud one';
const shed = 'API p99 while shedding';
const herd = 'herd: returns a second after a recovery';
const recovered = [
  'first success after the database is back',
  'drain at full speed after the database is back',
];

it.each<[string, (run: DesignRun) => void, string[]]>([
  [
    'no sample',
    (run) => {
      run.samples = [];
    },
    ['connections at each sample', 'executions at each sample', 'a deploy in the middle'],
  ],
  [
    'no age',
    ({ outcome }) => {
      delete outcome.oldestSeconds;
      delete outcome.oldestWithoutFaults;
    },
    ['age of the oldest admitted work'],
  ],
  [
    'no refusal',
    (run) => {
      delete run.told;
    },
    ['obedient clients let in at their first return', 'told against needed'],
  ],
  [
    'no quiet image of the others',
    ({ latency }) => {
      latency.quiet = {};
    },
    [quiet],
  ],
  [
    'no image of the others beside the loud tenant',
    (run) => {
      run.latency = { quiet: run.latency.quiet ?? {} };
    },
    [quiet],
  ],
  [
    'no idle API',
    ({ api }) => {
      delete api.quiet;
    },
    [shed],
  ],
  [
    'no shedding API',
    ({ api }) => {
      delete api.shed;
    },
    [shed],
  ],
  [
    'no recovery',
    (run) => {
      run.recovery = [];
    },
    [herd, ...recovered],
  ],
  [
    'only the recovery of the storage',
    (run) => {
      run.recovery.shift();
    },
    recovered,
  ],
  [
    'a herd after the second recovery',
    ({ recovery }) => {
      Object.assign(recovery[1] ?? {}, { herdPerDrain: 1.51 });
    },
    [herd],
  ],
  [
    'one phase in which the others waited too long',
    ({ latency }) => {
      latency.shed = { others: { count: 50, p50: 2, p95: 4.1, p99: 5, max: 5 } };
    },
    [quiet],
  ],
])('with %s, what needs it is broken', (_, change, promises) => {
  const sluice = goodRun();
  change(sluice);
  const rows = judge({ quick: false, sluice });
  expect(rows.filter(({ kept }) => !kept).map(({ promise }) => promise)).toEqual(
    expect.arrayContaining(promises),
  );
  expect(rows.filter(({ kept }) => !kept)).toHaveLength(promises.length);
});

it.each([{ refusedConnections: 1, refusedInSteadyState: 1 }, { lost: 1 }, { untriedDead: 1 }, { late: 1 }])(
  'plain beside Sluice shows nothing if Sluice has %j',
  (harm) => {
    const sluice = goodRun();
    Object.assign(sluice.outcome, harm);
    const row = judge({ quick: false, plain: badRun(), sluice }).at(-1);
    expect(row).toMatchObject({ promise: 'plain beside Sluice', kept: false });
  },
);
