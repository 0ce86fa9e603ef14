import { describe, expect, it } from 'vitest';
import { openBrownOut } from '../../../lambda/policy/brown-out.ts';

const terms = { enabled: true, enterSeconds: 450, leaveSeconds: 225 };
const minute = 60_000;

/** A brown-out with a clock that moves by a second at each observation. */
function started(changes: Partial<typeof terms> = {}) {
  let time = 0;
  const brownOut = openBrownOut({ ...terms, ...changes }, () => time);
  return {
    brownOut,
    observe: (seconds: number, afterMs = 1_000) => {
      time += afterMs;
      return brownOut.observe(seconds);
    },
  };
}

describe('a brown-out', () => {
  it('begins at one age and ends at a lower one, each told once', () => {
    const { brownOut, observe } = started();
    const ages = [0, 449, 450, 900, 449, 226, 225, 449, 450];
    expect(ages.map((age) => [observe(age), brownOut.active])).toEqual([
      [undefined, false],
      [undefined, false],
      ['entered', true],
      [undefined, true],
      [undefined, true],
      [undefined, true],
      ['left', false],
      [undefined, false],
      ['entered', true],
    ]);
  });

  it('does not alternate between both ways while the age moves between the two thresholds', () => {
    const { observe } = started();
    const changes = Array.from({ length: 1_000 }, (_, step) => observe(337 + 112 * Math.sin(step)));
    expect(changes.filter((change) => change !== undefined)).toEqual([]);
    observe(450);
    const later = Array.from({ length: 1_000 }, (_, step) => observe(337 + 111 * Math.sin(step)));
    expect(later.filter((change) => change !== undefined)).toEqual([]);
  });

  it('is forgotten by an environment that was frozen for more than five minutes', () => {
    const { observe } = started();
    observe(450);
    expect(observe(300, 5 * minute)).toBeUndefined();
    expect(observe(300, 5 * minute + 1)).toBe('left');
    observe(450);
    expect(observe(450, 6 * minute)).toBeUndefined();
  });

  it('never begins where it is switched off', () => {
    const { brownOut, observe } = started({ enabled: false });
    expect(observe(10_000)).toBeUndefined();
    expect(brownOut.active).toBe(false);
  });
});
