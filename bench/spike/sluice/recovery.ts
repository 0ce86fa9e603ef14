import type { Recovery } from '../result.ts';
import { rounded } from '../rounded.ts';

/** The rate is counted over so many seconds, because images of a batch end together. */
const windowSeconds = 5;
/** Full speed: so much of the rate of before. */
const fullPart = 0.85;
/** The drain before the fault, and after it, is that of so many seconds. */
const drainSeconds = 20;
/** After the fault, in which a herd would return. */
const herdSeconds = 60;
/** Returns are counted over the time in which the drain makes so many images: fewer would be chance. */
const herdImages = 20;

/**
 * What happened after a fault. All times in seconds since the start of the run.
 * @param ready times at which images became ready, in order
 * @param returns times at which obedient producers returned
 */
export function recoveryOf(
  fault: Pick<Recovery, 'name' | 'downAt' | 'upAt'>,
  ready: readonly number[],
  returns: readonly number[],
): Recovery {
  const { downAt, upAt } = fault;
  const within = (times: readonly number[], from: number, to: number) =>
    times.filter((at) => at >= from && at < to).length;
  const drainBefore = within(ready, downAt - drainSeconds, downAt) / drainSeconds;
  const first = ready.find((at) => at >= upAt);
  const full = firstFull(ready, upAt, fullPart * drainBefore);
  const most = (window: number) =>
    Math.max(
      ...Array.from({ length: herdSeconds }, (_, second) =>
        within(returns, upAt + second, upAt + second + window),
      ),
    );
  // A brown-out raises the drain, and with it what may return: the highest that was reached in that minute.
  const drains = Array.from({ length: herdSeconds - drainSeconds }, (_, second) =>
    within(ready, upAt + second, upAt + second + drainSeconds),
  );
  const drain = Math.max(drainBefore, Math.max(...drains) / drainSeconds);
  const window = drain > 0 ? Math.max(1, Math.ceil(herdImages / drain)) : 1;
  return {
    ...fault,
    drainBefore: rounded(drainBefore),
    ...(first === undefined ? {} : { firstSuccess: rounded(first - upAt) }),
    ...(full === undefined ? {} : { fullSpeed: rounded(full - upAt) }),
    herd: most(1),
    herdPerDrain: drain > 0 ? rounded(most(window) / window / drain) : 0,
    herdWindow: window,
  };
}

/** The start of the first window in which the rate was reached. */
function firstFull(ready: readonly number[], upAt: number, perSecond: number): number | undefined {
  if (perSecond <= 0) return undefined;
  const after = ready.filter((at) => at >= upAt);
  const count = Math.ceil(perSecond * windowSeconds);
  for (const [index, at] of after.entries()) {
    const last = after[index + count - 1];
    if (last === undefined) return undefined;
    if (last - at <= windowSeconds) return at;
  }
  return undefined;
}
