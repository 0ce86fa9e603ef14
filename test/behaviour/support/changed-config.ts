import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { config as before } from './config.ts';

/** The suite's configuration after a change that somebody deploys while images are in work. SLUICE_CONFIG. */
export const config: SluiceConfig = {
  ...before,
  presets: { ...before.presets, small: { width: 200, height: 200 } },
};
