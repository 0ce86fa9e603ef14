import type {
  IPolicyValidationContext,
  IPolicyValidationPlugin,
  PolicyValidationPluginReport,
  PolicyViolation,
} from 'aws-cdk-lib';
import { connections } from './checks/connection-budget.ts';
import { retention } from './checks/queue-retention.ts';
import { ceiling } from './checks/reserved-concurrency.ts';
import { visibility } from './checks/visibility-timeout.ts';
import { wildcards } from './checks/wildcards.ts';
import type { ReviewFacts, TemplateRule } from './rule.ts';
import { Templates } from './template.ts';

const rules: readonly TemplateRule[] = [visibility, ceiling, retention, connections, wildcards];

/** `config.database` of a pipeline has all required fields. */
export interface SluiceRulesProps extends ReviewFacts {
  /**
   * Rules to skip: `Visibility`, `Ceiling`, `Retention`, `Connections` or `Wildcards`. The last one checks every policy
   * of the app, and CDK grants such as `bucket.grantRead` use wildcards in actions.
   */
  except?: readonly string[];
}

/**
 * A plugin that checks a whole app at synthesis for pipeline invariants that no public rule pack covers, including
 * resources added or changed by others. Its findings cannot be acknowledged.
 *
 * - `Visibility`: a message stays hidden for six times its function's timeout plus the batching window;
 * - `Ceiling`: a function's reserved concurrency covers the sum of its mappings;
 * - `Retention`: a dead-letter queue keeps messages longer than its source;
 * - `Connections`: the functions' connections fit the database;
 * - `Wildcards`: no policy allows an action by a wildcard.
 *
 * @example
 * Validations.of(app).addPlugins(new SluiceRules({ ...pipeline.config.database, except: ['Wildcards'] }));
 */
export class SluiceRules implements IPolicyValidationPlugin {
  /** Name in reports. */
  readonly name = 'Sluice';
  /** Names of the active rules. */
  readonly ruleIds: string[];
  readonly #facts: ReviewFacts;
  readonly #rules: readonly TemplateRule[];

  /**
   * @param props facts for the rules, and the rules to skip.
   * @throws RangeError if `except` names no rule.
   */
  constructor({ except = [], ...facts }: SluiceRulesProps) {
    const unknown = except.find((name) => !rules.some((rule) => rule.name === name));
    if (unknown !== undefined)
      throw new RangeError(`There is no rule ${unknown}, only ${rules.map(({ name }) => name).join(', ')}`);
    this.#facts = facts;
    this.#rules = rules.filter(({ name }) => !except.includes(name));
    this.ruleIds = this.#rules.map(({ name }) => name);
  }

  /**
   * Called by the CDK.
   * @param context has the paths of the app's templates.
   */
  validate({ templatePaths }: Pick<IPolicyValidationContext, 'templatePaths'>): PolicyValidationPluginReport {
    const violations = this.#violations(new Templates(templatePaths));
    return { success: violations.length === 0, violations };
  }

  #violations(templates: Templates): PolicyViolation[] {
    return this.#rules.flatMap(({ name, fix, findings }) =>
      findings(templates, this.#facts).map(({ resource, description }) => ({
        ruleName: name,
        description,
        fix,
        // The CDK permits no acknowledgement of fatal findings.
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
