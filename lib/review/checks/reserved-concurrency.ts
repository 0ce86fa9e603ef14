import { requireCeiling } from '../../rules/ceiling.ts';
import { findingsOf, type TemplateRule } from '../rule.ts';
import { numberOf, type Resource, type Templates } from '../template.ts';

/** A mapping without a maximum may start a thousand. */
const unbounded = 1000;

/** Reserved concurrency covers all that a function's queue mappings may start together. */
export const ceiling: TemplateRule = {
  name: 'Ceiling',
  fix: 'Raise ReservedConcurrentExecutions of the function, or lower MaximumConcurrency of its mappings.',
  findings: (templates) =>
    templates.ofType('AWS::Lambda::Function').flatMap((target) => {
      const reserved = numberOf(target.properties.ReservedConcurrentExecutions, Number.POSITIVE_INFINITY);
      const shares = sharesOf(templates, target);
      return reserved === undefined ? [] : findingsOf(target, () => requireCeiling(reserved, shares));
    }),
};

function sharesOf(templates: Templates, target: Resource): number[] {
  return templates
    .ofType('AWS::Lambda::EventSourceMapping')
    .filter(
      ({ properties, templatePath }) =>
        templates.functionOf(properties.FunctionName, templatePath) === target &&
        templates.resourceOf(properties.EventSourceArn, templatePath)?.type === 'AWS::SQS::Queue',
    )
    .map(({ properties }) => {
      const scaling = properties.ScalingConfig as { MaximumConcurrency?: unknown } | undefined;
      return numberOf(scaling?.MaximumConcurrency, unbounded) ?? unbounded;
    });
}
