import type { PolicyValidationPluginReport, PolicyViolation } from 'aws-cdk-lib';
import { deliveriesOf } from './deliveries.ts';
import type { Severity, TemplateRule } from './rule.ts';
import type { Delivery, Scope } from './scope.ts';
import type { Resource, Templates } from './template.ts';

/** Name of findings about what the templates do not contain. */
export const unknownRule = 'Unknown';

/** Everything in the templates. */
export function wholeScope(templates: Templates): Scope {
  return {
    templates,
    queues: templates.ofType('AWS::SQS::Queue'),
    deliveries: deliveriesOf(templates).deliveries,
  };
}

/** The queues in front of these functions, and their deliveries. */
export function scopeOf(templates: Templates, deliveries: readonly Delivery[]): Scope {
  const queues = new Set(deliveries.flatMap(({ queue }) => queue ?? []));
  return { templates, deliveries, queues: [...queues] };
}

/** The violations of rules in the form of the CDK. What several rules do not know is one violation. */
export function judge<Facts>(
  rules: readonly TemplateRule<Facts>[],
  scope: Scope,
  facts: Facts,
  severityOf: (rule: string, usual: Severity) => Severity | 'off',
): PolicyViolation[] {
  const violations: PolicyViolation[] = [];
  const unknown = new Map<string, { resource: Resource; description: string; names: string[] }>();
  for (const { name, severity: usual, fix, findings } of rules) {
    const severity = severityOf(name, usual);
    if (severity === 'off') continue;
    for (const { resource, description, unknown: isUnknown } of findings(scope, facts)) {
      const key = JSON.stringify([resource.templatePath, resource.id, description]);
      if (isUnknown) {
        const names = new Set([...(unknown.get(key)?.names ?? []), name]);
        unknown.set(key, { resource, description, names: [...names] });
      } else violations.push({ ruleName: name, description, fix, severity, ...at(resource) });
    }
  }
  const severity = severityOf(unknownRule, 'info');
  if (severity === 'off') return violations;
  for (const { resource, description, names } of unknown.values())
    violations.push({
      ruleName: unknownRule,
      description: `not judged by ${names.join(', ')}: ${description}`,
      fix: 'Use a value that is known at synthesis, or give it to the plugin.',
      severity,
      ...at(resource),
    });
  return violations;
}

function at({ id, templatePath }: Resource): Pick<PolicyViolation, 'violatingResources'> {
  return { violatingResources: [{ resourceLogicalId: id, templatePath, locations: ['Properties'] }] };
}

/** A report that fails the synthesis if one violation is an error. */
export function reportOf(violations: PolicyViolation[]): PolicyValidationPluginReport {
  return {
    success: !violations.some(({ severity }) => severity === 'error' || severity === 'fatal'),
    violations,
  };
}
