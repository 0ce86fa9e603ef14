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

/** `config.database` of a pipeline has all that is needed. */
export interface SluiceRulesProps extends ReviewFacts {
  /**
   * Names of rules that are not asked: `Visibility`, `Ceiling`, `Retention`, `Connections` or `Wildcards`. The last one
   * judges every policy of the app, and grants of the CDK such as `bucket.grantRead` allow actions by a wildcard.
   */
  except?: readonly string[];
}

/**
 * A plugin that holds a whole app, when it is synthesised, to what holds a pipeline together and no public rule pack
 * knows: it sees what is added or changed beside the pipeline, too. Nothing that it finds can be acknowledged.
 *
 * - `Visibility`: a message stays hidden for six times its function's timeout and the batching window;
 * - `Ceiling`: the reserved concurrency of a function holds the sum of its mappings;
 * - `Retention`: a dead-letter queue keeps messages for longer than the queue before it;
 * - `Connections`: what the functions may open fits the database;
 * - `Wildcards`: no policy allows an action by a wildcard.
 *
 * @example
 * Validations.of(app).addPlugins(new SluiceRules({ ...pipeline.config.database, except: ['Wildcards'] }));
 */
export class SluiceRules implements IPolicyValidationPlugin {
  /** What a report calls it. */
  readonly name = 'Sluice';
  /** Names of the rules that are asked. */
  readonly ruleIds: string[];
  readonly #facts: ReviewFacts;
  readonly #rules: readonly TemplateRule[];

  /**
   * @param props what the rules must know, and which are not asked.
   * @throws RangeError where `except` names no rule.
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
   * @param context says where the templates of the app are.
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
