import { describe, expect, it } from 'vitest';
import { costs } from '../../../lambda/api/admission/wanted.ts';
import { settings } from './settings.ts';

const bulk = 'bulk' as const;
const of = (priority: 'normal' | 'bulk' | undefined, cheap: readonly string[] = []) => {
  const presets = Object.fromEntries(
    Object.entries(settings.presets).map(([name, preset]) => [
      name,
      cheap.includes(name) ? { ...preset, priority: bulk } : preset,
    ]),
  );
  return costs({ presets }, { bytes: 1_000, presets: ['large', 'small'], priority }).bulk;
};

describe('the priority of an image', () => {
  it.each([
    ['nothing says so', of(undefined), false],
    ['the request says so', of(bulk), true],
    ['one of its presets is', of(undefined, ['small']), false],
    ['all of its presets are', of(undefined, ['large', 'small']), true],
    ['all of its presets are and the request denies it', of('normal', ['large', 'small']), false],
  ])('is bulk or not: %s', (_, is, expected) => {
    expect(is).toBe(expected);
  });
});
