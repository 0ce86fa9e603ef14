import { expect, it } from 'vitest';
import { fairnessWarning } from '../../../lib/rules/fairness.ts';

it.each([
  [8, 4],
  [3, 10],
  [1000, 1],
])('a cap of %i × a batch of %i is enough for fair queues', (maxConcurrency, batchSize) => {
  expect(fairnessWarning({ maxConcurrency, batchSize })).toBeUndefined();
});

it.each([
  [8, 3, '8 (process.maxConcurrency) × 3 (process.batchSize) = 24 < 30', 'process.batchSize to 4'],
  [2, 10, '2 (process.maxConcurrency) × 10 (process.batchSize) = 20 < 30', 'process.maxConcurrency to 3'],
])(
  'a cap of %i × a batch of %i is warned of, with the arithmetic',
  (maxConcurrency, batchSize, sum, raise) => {
    const warning = fairnessWarning({ maxConcurrency, batchSize });
    expect(warning).toContain(sum);
    expect(warning).toContain(`Raise ${raise} or more`);
  },
);
