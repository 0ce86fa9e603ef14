import type { TemplateRule } from '../rule.ts';
import { batchFailures } from './batch-failures.ts';
import { maximumConcurrency } from './maximum-concurrency.ts';
import { queueType } from './queue-type.ts';
import { fewReceives, receives, redrive } from './receives.ts';

/** What a queue in front of a function with a database needs, besides the sizes that every queue needs. */
export const queueRules: readonly TemplateRule[] = [
  maximumConcurrency,
  receives,
  fewReceives,
  redrive,
  queueType,
  batchFailures,
];
