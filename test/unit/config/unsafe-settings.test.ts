import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { unsafeSettingsPage } from '../../../scripts/unsafe-settings/page.ts';
import { configMistakes } from '../../support/config-mistakes.ts';
import { unsafeSettings } from './unsafe-settings.ts';

const plain: SluiceConfig = { presets: { small: { width: 320 } } };
const mistakes = (settings: Partial<SluiceConfig>) =>
  configMistakes(() => resolveConfig({ ...plain, ...settings }));

describe('unsafe settings', () => {
  it('at least 25 distinct settings are refused', () => {
    expect(unsafeSettings.length).toBeGreaterThanOrEqual(25);
    expect(new Set(unsafeSettings.map(({ risk }) => risk)).size).toBe(unsafeSettings.length);
    expect(new Set(unsafeSettings.map(({ says }) => says)).size).toBe(unsafeSettings.length);
  });

  it.each(unsafeSettings)('a setting is refused with the arithmetic: $risk', ({ unsafe, says }) => {
    expect(mistakes(unsafe)).toEqual([expect.stringContaining(says)]);
  });

  it.each(unsafeSettings)('its safe neighbour is accepted: $risk', ({ safe }) => {
    expect(mistakes(safe)).toEqual([]);
  });

  it('docs/unsafe-settings.md lists each of them with its message (npm run unsafe-settings)', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../../docs/unsafe-settings.md'), 'utf8');
    expect(page).toBe(unsafeSettingsPage());
  });
});
