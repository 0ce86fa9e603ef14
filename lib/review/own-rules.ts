import type {
  IPolicyValidationContext,
  IPolicyValidationPlugin,
  PolicyValidationPluginReport,
  PolicyViolation,
} from 'aws-cdk-lib';
import type { ReviewFacts, TemplateRule } from './rule.ts';
import { ceiling } from './rules/ceiling.ts';
import { connections } from './rules/connections.ts';
import { retention } from './rules/retention.ts';
import { visibility } from './rules/visibility.ts';
import { wildcards } from './rules/wildcards.ts';
import { Templates } from './template.ts';

const rules: readonly TemplateRule[] = [visibility, ceiling, retention, connections, wildcards];

/**
 * What holds the pipeline together and no public rule pack knows. It reads the templates of the whole app, in every
 * stage, and nothing can be acknowledged.
 */
export class OwnRules implements IPolicyValidationPlugin {
  readonly name = 'Sluice';
  readonly ruleIds = rules.map(({ name }) => name);
  readonly #facts: ReviewFacts;

  constructor(facts: ReviewFacts) {
    this.#facts = facts;
  }

  validate({ templatePaths }: IPolicyValidationContext): PolicyValidationPluginReport {
    const violations = this.violations(new Templates(templatePaths));
    return { success: violations.length === 0, violations };
  }

  violations(templates: Templates): PolicyViolation[] {
    return rules.flatMap(({ name, fix, findings }) =>
      findings(templates, this.#facts).map(({ resource, description }) => ({
        ruleName: name,
        description,
        fix,
        // The CDK lets nobody acknowledge what is fatal.
        severity: 'fatal',
        violatingResources: [
          {
            resourceLogicalId: resource.id,
            templatePath: resource.templatePath,
            locations: ['Properties'],
          },
        ],
      })),
    );
  }
}
