import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { config as before } from './config.ts';

/** The suite's configuration with a change that is deployed while images are being processed. SLUICE_CONFIG. */
export const config: SluiceConfig = {
  ...before,
  presets: { ...before.presets, small: { width: 200, height: 200 } },
};
