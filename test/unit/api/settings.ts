import type { Settings } from '../../../lambda/domain/settings.ts';
import { settingsOf } from '../../../lib/bundling/settings.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';

const preset = (width: number, watermarks: string[] = []) => ({ width, watermarks });

export const settings: Settings = settingsOf(
  resolveConfig({
    presets: { large: preset(1600, ['mark']), medium: preset(800), small: preset(320) },
    watermarks: { mark: { type: 'text', text: 'Sluice' } },
  }),
  {},
);
