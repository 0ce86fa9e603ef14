import { findingIf, type TemplateRule } from '../rule.ts';
import { Unresolved } from '../unresolved.ts';

/** A batch of more than one message reports which of them failed. */
export const batchFailures: TemplateRule = {
  name: 'BatchFailures',
  severity: 'error',
  fix:
    'Return the failed messages and set FunctionResponseTypes to ReportBatchItemFailures (`reportBatchItemFailures` of ' +
    'SqsEventSource), or set BatchSize to 1. For a FIFO queue stop at the first failure and return the rest too.',
  findings: ({ templates, deliveries }) =>
    deliveries.flatMap(({ mapping }) =>
      findingIf(mapping, () => {
        const size = templates.number(mapping, ['BatchSize'], 10);
        const types = templates.property(mapping, 'FunctionResponseTypes') ?? [];
        if (size <= 1) return undefined;
        if (!Array.isArray(types))
          throw new Unresolved(`FunctionResponseTypes of ${mapping.path} is ${JSON.stringify(types)}`);
        if (types.includes('ReportBatchItemFailures')) return undefined;
        return (
          `a batch has up to ${size} messages and reports no failures of single ones: one failed message repeats the ` +
          `work of ${size} and takes a receive of each`
        );
      }),
    ),
};
