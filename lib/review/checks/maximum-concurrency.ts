import { unboundedMapping } from '../../rules/ceiling.ts';
import { maximumOf } from '../deliveries.ts';
import { isFifo } from '../queues.ts';
import { findingIf, type TemplateRule } from '../rule.ts';

/** Each mapping has a maximum: it is what keeps messages in the queue while the database has no connection for them. */
export const maximumConcurrency: TemplateRule = {
  name: 'MaximumConcurrency',
  severity: 'error',
  fix: 'Set ScalingConfig.MaximumConcurrency of the mapping (`maxConcurrency` of SqsEventSource), at least 2.',
  findings: ({ templates, deliveries }) =>
    deliveries.flatMap(({ mapping, queue }) =>
      findingIf(mapping, () => {
        if (maximumOf(templates, mapping) !== undefined) return undefined;
        const most =
          queue !== undefined && isFifo(templates, queue)
            ? 'one per message group of the FIFO queue with messages'
            : `up to ${unboundedMapping}`;
        return `the mapping has no maximum concurrency, so it starts ${most} executions together`;
      }),
    ),
};
