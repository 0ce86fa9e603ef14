import { describe, expect, it } from 'vitest';
import { rateOf, secondsOf } from '../../../bin/plan/amounts.ts';
import { planOptions } from '../../../bin/plan/options.ts';
import { time, wrapped } from '../../../bin/plan/words.ts';

describe('the amounts of npm run plan', () => {
  it.each([
    ['800/s', 800],
    ['50000/min', 833.333333],
    ['50k/minute', 833.333333],
    ['3M/day', 34.722222],
    ['1.5k/h', 0.416667],
    ['0/min', 0],
  ])('the rate %s is %d a second', (written, perSecond) => {
    expect(rateOf(written)).toBeCloseTo(perSecond, 5);
  });

  it.each([
    '',
    '50000',
    'min',
    '50,000/min',
    '-1/s',
    '1e3/s',
    '5G/s',
    '5/year',
    '5/constructor',
    '5 /s',
    '5m/s',
  ])('%j is no rate', (written) => {
    expect(rateOf(written)).toBeUndefined();
  });

  it.each([
    ['10m', 600],
    ['10min', 600],
    ['90s', 90],
    ['90', 90],
    ['1.5h', 5_400],
    ['2 hours', 7_200],
    ['1d', 86_400],
    ['15 minutes', 900],
  ])('the duration %s is %d seconds, as in sluice.config.ts or short', (written, seconds) => {
    expect(secondsOf(written)).toBe(seconds);
  });

  it.each(['', 'm', '0', '0s', '-5m', '5 weeks', '5M', 'ten minutes', '5m5s'])(
    '%j is no duration',
    (written) => {
      expect(secondsOf(written)).toBeUndefined();
    },
  );
});

describe('the options of npm run plan', () => {
  const rate = ['--rate', '600/min'];
  it('a campaign has ten tenants, and a minute of simulation', () => {
    expect(planOptions([...rate, '--for', '10m'])).toEqual({
      stage: 'dev',
      json: false,
      offer: { ratePerSecond: 10, seconds: 600, tenants: 10 },
      simulationSeconds: 60,
    });
    const all = ['-c', 'stage=prod', '--json', '--tenants', '1', '--simulate', '0', '--chart', 'a.svg'];
    expect(planOptions([...rate, '--for', '10m', ...all])).toMatchObject({
      stage: 'prod',
      json: true,
      offer: { tenants: 1 },
      simulationSeconds: 0,
      chart: 'a.svg',
    });
  });

  it.each([
    [['--for', '10m'], '--for belongs to a campaign: add --rate'],
    [['--chart', 'a.svg'], '--chart belongs to a campaign'],
    [['--tenants', '3'], '--tenants belongs to a campaign'],
    [rate, '--rate needs the length of the campaign: --for 10m'],
    [['--rate', 'fast', '--for', '10m'], '--rate takes images in a time'],
    [['--rate', '0/s', '--for', '10m'], '--rate takes images in a time'],
    [[...rate, '--for', 'long'], '--for takes a duration'],
    [[...rate, '--for', '10m', '--tenants', '0'], '--tenants takes a number from 1 to 10000'],
    [[...rate, '--for', '10m', '--tenants', '1e3'], '--tenants takes a number'],
    [[...rate, '--for', '10m', '--chart', ''], '--chart takes a file'],
    [[...rate, '--for', '10m', '--simulate', 'yes'], '--simulate takes the processor time'],
    [['--rate', '1/day', '--for', '1s'], 'less than one image'],
  ])('%j is refused with what is wrong', (args, message) => {
    expect(() => planOptions(args)).toThrow(message);
    expect(() => planOptions(args)).toThrow(TypeError);
  });
});

describe('the words of a plan', () => {
  it.each([
    [0, '0 s'],
    [0.2, 'under 1 s'],
    [59.4, '59 s'],
    [90, '1 min 30 s'],
    [120, '2 min'],
    [62_501, '17 h 21 min'],
    [273_600, '3 d 4 h'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(time(seconds)).toBe(text);
  });

  it('lines are broken between words, and indented', () => {
    expect(wrapped('one two three', 4, 12)).toBe('one two\n    three');
  });
});
