import { RuleBroken } from './broken.ts';

/** Seconds, all three. */
export interface VisibilityFacts {
  timeoutSeconds: number;
  batchWindowSeconds: number;
  /** The queue's setting; by default the minimum of the rule. */
  visibilityTimeoutSeconds?: number | undefined;
}

export class VisibilityTooShort extends RuleBroken {
  override readonly name = 'VisibilityTooShort';
}

/**
 * Visibility timeout of a queue in front of a function: 6 × its timeout + the batch window, as AWS advises. With less,
 * a message retried after a throttle is delivered again while the first delivery is processed.
 * @throws VisibilityTooShort if a shorter one is requested.
 */
export function visibilityTimeout(facts: VisibilityFacts): number {
  const { timeoutSeconds, batchWindowSeconds, visibilityTimeoutSeconds } = facts;
  const least = 6 * timeoutSeconds + batchWindowSeconds;
  if (visibilityTimeoutSeconds === undefined) return least;
  if (visibilityTimeoutSeconds >= least) return visibilityTimeoutSeconds;
  throw new VisibilityTooShort(
    'process.visibilityTimeoutSeconds',
    'must be at least 6 × the function’s timeout + the batch window, in seconds: ' +
      `6 × ${timeoutSeconds} + ${batchWindowSeconds} = ${least} > ${visibilityTimeoutSeconds}`,
  );
}
