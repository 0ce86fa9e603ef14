import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SpikeResult } from '../../../bench/spike/result.ts';
import { simulatedPromise, validate } from '../../../bench/spike/validate.ts';
import { root } from '../../support/modules.ts';

const file = join(root, 'bench/spike/result.json');
const recorded = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as SpikeResult) : undefined;
const missing = recorded?.sluice?.replay === undefined;
const why = missing ? ' (no recorded run says when producers asked: npm run spike)' : '';

it.skipIf(missing)(`the simulator repeats the recorded run of Sluice${why}`, () => {
  const run = recorded?.sluice;
  const row = simulatedPromise(run && validate(run), true);
  expect(row.seen).not.toContain('not simulated');
  expect(row.kept, row.seen).toBe(true);
});

describe('the promise about the simulator', () => {
  const same = { seen: 100, simulated: 100 };
  const kept = {
    connections: { api: same, process: same },
    drainSeconds: same,
    admitted: same,
    refused: same,
  };
  const isKept = (change: Partial<typeof kept>) => simulatedPromise({ ...kept, ...change }, true).kept;

  it('is kept within 20 % and one connection, and broken by each of the four', () => {
    expect(isKept({})).toBe(true);
    expect(isKept({ admitted: { seen: 100, simulated: 81 } })).toBe(true);
    for (const part of ['drainSeconds', 'admitted', 'refused'])
      for (const simulated of [79, 121]) expect(isKept({ [part]: { seen: 100, simulated } })).toBe(false);
    expect(isKept({ connections: { ...kept.connections, process: { seen: 8, simulated: 7 } } })).toBe(true);
    expect(isKept({ connections: { ...kept.connections, process: { seen: 8, simulated: 6 } } })).toBe(false);
  });

  it('is broken, and not judged, without recorded arrivals', () => {
    expect(simulatedPromise(undefined, true)).toMatchObject({ kept: false, judged: false });
  });
});
