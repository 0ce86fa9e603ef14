import type { FunctionDefinition, SizedBy } from '../catalogue/definition.ts';

/** Batches of the functions that consume events. SQS gives at most 10 messages of a FIFO queue at once. */
export const consumerBatch = {
  queue: 10,
  /** `max.poll.records`: one statement of some 20 ms, so that a slow database is asked for little at once. */
  kafka: 50,
  /** The least that the mapping of a queue takes. */
  executions: 2,
} as const;

/** Seconds for which a received message is hidden: six times the timeout, as AWS recommends. */
export function consumerVisibilitySeconds(
  config: SizedBy,
  { timeoutSeconds }: Pick<FunctionDefinition, 'timeoutSeconds'>,
): number {
  return 6 * timeoutSeconds(config);
}
