import { beforeAll, describe, expect, it } from 'vitest';
import type { DesignRun, Replay, Simulated } from '../../../bench/spike/result.ts';
import { simulatedPromise, validate } from '../../../bench/spike/validate.ts';
import { patience } from '../../support/pace.ts';
import { goodRun, sample } from '../spike/made-up.ts';

/* Twenty seconds of calibration, forty of ten requests a second, three times the drain, and what the simulator makes of them. */

const counted = (seconds: number, perSecond: number, from = 0) =>
  Array.from({ length: seconds }, (_, second) => Math.max(0, second - from) * perSecond);

function madeUpRun(): DesignRun {
  const run = goodRun();
  return {
    ...run,
    config: { ...run.config, objective: 15 },
    phases: [
      { name: 'calibrate', from: 0, to: 20 },
      { name: 'shed', from: 20, to: 60 },
      { name: 'deploy', from: 40, to: 40 },
      { name: 'drain', from: 60, to: 90 },
    ],
    recovery: [],
    replay: { asked: counted(60, 10, 20), calibrated: counted(20, 3), perSecond: 3 },
  };
}

/** The run as the simulator says that it was. */
function asSimulated({ connections, drainSeconds, admitted, refused }: Simulated): DesignRun {
  const run = madeUpRun();
  const seen = Object.fromEntries(Object.entries(connections).map(([role, one]) => [role, one.simulated]));
  run.samples = [
    sample({ connections: {}, admitted: 0, refused: 0 }),
    sample({ connections: seen, admitted: admitted.simulated, refused: refused.simulated }),
    sample({ connections: {}, admitted: 0, refused: 0 }),
  ];
  const drain = run.phases.at(-1);
  if (drain !== undefined) drain.to = drain.from + drainSeconds.simulated;
  return run;
}
const isKept = (run: DesignRun) => simulatedPromise(validate(run), true).kept;

describe('a run that the simulator repeats', () => {
  let simulated: Simulated;
  beforeAll(() => {
    simulated = validate(madeUpRun()) as Simulated;
  }, patience(60_000));

  it('floods: it refuses, has work left at the end, and uses every worker', () => {
    expect(simulated.admitted.simulated).toBeGreaterThan(100);
    expect(simulated.refused.simulated).toBeGreaterThan(100);
    expect(simulated.drainSeconds.simulated).toBeGreaterThan(5);
    // The objective is 15 s of waiting.
    expect(simulated.drainSeconds.simulated).toBeLessThan(45);
    expect(simulated.connections.process?.simulated).toBeGreaterThan(4);
    expect(isKept(asSimulated(simulated))).toBe(true);
  });

  it.each<[string, (run: DesignRun) => void]>([
    [
      'a drain that took a third longer',
      ({ phases }) => {
        const drain = phases.at(-1);
        if (drain !== undefined) drain.to += (drain.to - drain.from) / 3;
      },
    ],
    [
      'a third more admitted',
      ({ samples }) => {
        for (const one of samples) one.admitted *= 4 / 3;
      },
    ],
    [
      'a third fewer refused',
      ({ samples }) => {
        for (const one of samples) one.refused *= 2 / 3;
      },
    ],
    [
      'two connections of the worker more',
      ({ samples: [, one] }) => {
        if (one !== undefined)
          one.connections = { ...one.connections, process: (one.connections?.process ?? 0) + 2 };
      },
    ],
    [
      'two connections of the API fewer',
      ({ samples: [, one] }) => {
        if (one !== undefined) one.connections = { ...one.connections, api: (one.connections?.api ?? 0) - 2 };
      },
    ],
  ])('and one that had %s is told apart', (_, change) => {
    const run = asSimulated(simulated);
    change(run);
    expect(isKept(run)).toBe(false);
  });

  it('has the faults and the arrivals of the run', () => {
    const away = madeUpRun();
    away.recovery = goodRun()
      .recovery.map((one) => ({ ...one, downAt: 45, upAt: 55 }))
      .slice(0, 1);
    expect(validate(away)?.admitted.simulated).toBeLessThan(simulated.admitted.simulated);
    const broken = madeUpRun();
    broken.recovery = goodRun()
      .recovery.map((one) => ({ ...one, downAt: 45, upAt: 59 }))
      .slice(1);
    expect(validate(broken)?.drainSeconds.simulated).toBeGreaterThan(simulated.drainSeconds.simulated);
    const whole = madeUpRun();
    whole.phases = whole.phases.filter(({ name }) => name !== 'deploy');
    // Two generations have connections for a while.
    expect(validate(whole)?.connections.api?.simulated).toBeLessThan(
      simulated.connections.api?.simulated ?? 0,
    );
    const replayed = (change: Partial<Replay>) => {
      const run = madeUpRun();
      return validate({ ...run, replay: { ...(run.replay as Replay), ...change } }) as Simulated;
    };
    const few = replayed({ asked: counted(60, 0) });
    // The ten clients that return each second are not among those that asked.
    expect(few.refused.simulated).toBeGreaterThan(50);
    expect(few.refused.simulated).toBeLessThan(simulated.refused.simulated);
    // Admission then assumes eight images a second instead of three.
    expect(replayed({ calibrated: [] }).admitted.simulated).toBeGreaterThan(simulated.admitted.simulated);
    expect(replayed({ perSecond: 6 }).admitted.simulated).toBeGreaterThan(simulated.admitted.simulated);
  });

  it('has no slower executions because its clients waited for them', () => {
    const run = madeUpRun();
    const shed = { ...(run.api.shed ?? { count: 1, p50: 6, p99: 90, max: 90 }), p95: 60_000 };
    expect(validate({ ...run, api: { ...run.api, shed } })).toEqual(simulated);
  });

  it('is not one without recorded arrivals, or without an end', () => {
    const { replay: _, ...old } = madeUpRun();
    expect(validate(old)).toBeUndefined();
    expect(validate({ ...madeUpRun(), phases: [] })).toBeUndefined();
  });
});
