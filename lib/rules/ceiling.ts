import { RuleBroken } from './broken.ts';

/** The mappings of a function may start more executions than are reserved for it. */
export class CeilingTooLow extends RuleBroken {
  override readonly name = 'CeilingTooLow';
}

/**
 * Reserved concurrency must hold what all event source mappings of a function may start together. With less,
 * the pollers are throttled, each throttled receive counts, and healthy messages reach the DLQ unprocessed.
 * @throws CeilingTooLow
 */
export function requireCeiling(reserved: number, mappings: readonly number[]): void {
  const sum = mappings.reduce((total, one) => total + one, 0);
  if (reserved >= sum) return;
  throw new CeilingTooLow(
    'process.maxConcurrency',
    'reserved concurrency must be at least the sum of the mappings’ maxConcurrency: ' +
      `${mappings.join(' + ')}${mappings.length > 1 ? ` = ${sum}` : ''} > ${reserved}`,
  );
}
