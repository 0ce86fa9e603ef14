import { RuleBroken } from './broken.ts';

/**
 * Executions that a mapping of SQS without a maximum may start together ("Configuring scaling behavior for SQS event
 * source mappings").
 */
export const unboundedMapping = 1250;

/** A function's mappings may start more executions than are reserved. */
export class CeilingTooLow extends RuleBroken {
  override readonly name = 'CeilingTooLow';
}

/**
 * Reserved concurrency must cover the sum of a function's event source mappings. With less, the pollers are throttled,
 * each throttled receive counts, and healthy messages reach the DLQ unprocessed.
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
