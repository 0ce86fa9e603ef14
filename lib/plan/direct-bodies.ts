import type { ResolvedConfig } from '../config/schema.ts';
import { usageOf } from './usage.ts';

/** Images a second that the API can take as bodies, with the status requests that follow. */
export function bodiesPerSecond(config: ResolvedConfig): number {
  return Math.floor(config.api.maxConcurrency / usageOf(config, { upload: 'body' }).apiSeconds);
}
