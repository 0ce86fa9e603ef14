import { describe, expect, it } from 'vitest';
import { costs } from '../../../lambda/api/admission/wanted.ts';
import { settings } from './settings.ts';

const bulk = 'bulk' as const;
const of = (
  priority: 'normal' | 'bulk' | undefined,
  plan: { priority?: 'normal' | 'bulk' },
  cheap: readonly string[] = [],
) => {
  const presets = Object.fromEntries(
    Object.entries(settings.presets).map(([name, preset]) => [
      name,
      cheap.includes(name) ? { ...preset, priority: bulk } : preset,
    ]),
  );
  return costs({ presets }, { bytes: 1_000, presets: ['large', 'small'], priority, plan }).bulk;
};

describe('the priority of an image', () => {
  it.each([
    ['nothing says so', of(undefined, {}), false],
    ['the request says so', of(bulk, {}), true],
    ['the plan says so', of(undefined, { priority: bulk }), true],
    ['the plan says so and the request denies it', of('normal', { priority: bulk }), false],
    ['the plan is normal', of(undefined, { priority: 'normal' }), false],
    ['one of its presets is', of(undefined, {}, ['small']), false],
    ['all of its presets are', of(undefined, {}, ['large', 'small']), true],
    ['all of its presets are and the request denies it', of('normal', {}, ['large', 'small']), false],
  ])('is bulk or not: %s', (_, is, expected) => {
    expect(is).toBe(expected);
  });
});
