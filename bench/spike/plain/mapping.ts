import type { PlainSettings } from './settings.ts';

export interface MappingState {
  pollers: number;
  visible: number;
  /** Share of failed invocations since the last step, 0 to 1. */
  failing: number;
}

/**
 * The number of pollers, each of which invokes one execution at a time: more while messages are visible, fewer while none
 * are. With `backOff` it shrinks by a tenth of the share of failed invocations each second instead: AWS documents that the mapping
 * reduces its concurrency when the function fails, without numbers.
 */
export function nextPollers(
  { pollers, visible, failing }: MappingState,
  { least, most, perSecond }: PlainSettings['mapping'],
  seconds: number,
  backOff: boolean,
): number {
  if (backOff && failing > 0.5) return Math.max(least, pollers * (1 - 0.1 * failing * seconds));
  const step = perSecond * seconds;
  return Math.min(most, Math.max(least, pollers + (visible > 0 ? step : -step)));
}
