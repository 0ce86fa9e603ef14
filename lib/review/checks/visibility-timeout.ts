import { visibilityTimeout } from '../../rules/visibility.ts';
import { findingsOf, type TemplateRule } from '../rule.ts';
import { numberOf } from '../template.ts';

/** Each queue in front of a function hides a message for 6 × the function's timeout + the batch window. */
export const visibility: TemplateRule = {
  name: 'Visibility',
  fix: 'Raise the VisibilityTimeout of the queue, or lower the Timeout of the function behind it.',
  findings: (templates) =>
    templates.ofType('AWS::Lambda::EventSourceMapping').flatMap(({ properties, templatePath }) => {
      const queue = templates.resourceOf(properties.EventSourceArn, templatePath);
      const target = templates.functionOf(properties.FunctionName, templatePath);
      if (queue?.type !== 'AWS::SQS::Queue' || target === undefined) return [];
      // AWS's defaults: 30 s hidden, 3 s timeout, no window.
      const visibilityTimeoutSeconds = numberOf(queue.properties.VisibilityTimeout, 30);
      const timeoutSeconds = numberOf(target.properties.Timeout, 3);
      const batchWindowSeconds = numberOf(properties.MaximumBatchingWindowInSeconds, 0);
      if (timeoutSeconds === undefined || batchWindowSeconds === undefined) return [];
      return findingsOf(queue, () => {
        visibilityTimeout({ timeoutSeconds, batchWindowSeconds, visibilityTimeoutSeconds });
      });
    }),
};
