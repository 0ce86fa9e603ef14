import type {
  IPolicyValidationContext,
  IPolicyValidationPlugin,
  PolicyValidationPluginReport,
} from 'aws-cdk-lib';
import { connections, type ReviewFacts } from './checks/connection-budget.ts';
import { retention } from './checks/queue-retention.ts';
import { queueRules } from './checks/queue-rules.ts';
import { ceiling } from './checks/reserved-concurrency.ts';
import { visibility } from './checks/visibility-timeout.ts';
import { wildcards } from './checks/wildcards.ts';
import { ConstructTree } from './construct-tree.ts';
import { reachOf } from './database/reach.ts';
import { judge, reportOf, scopeOf, unknownRule, wholeScope } from './judge.ts';
import type { TemplateRule } from './rule.ts';
import { Templates } from './template.ts';

const general: readonly TemplateRule<ReviewFacts>[] = [
  visibility,
  ceiling,
  retention,
  connections,
  wildcards,
];
const names = [...[...general, ...queueRules].map(({ name }) => name), unknownRule];

/** `config.database` of a pipeline has all required fields. */
export interface SluiceRulesProps extends ReviewFacts {
  /**
   * Rules to skip. `Wildcards` checks every policy of the app, and CDK grants such as `bucket.grantRead` use wildcards
   * in actions.
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
 * - `Wildcards`: no policy allows an action by a wildcard;
 * - those of `QueueToDatabaseReview` on mappings and queues in front of a function that reaches Postgres.
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
  readonly #except: readonly string[];

  /**
   * @param props facts for the rules, and the rules to skip.
   * @throws RangeError if `except` names no rule.
   */
  constructor({ except = [], ...facts }: SluiceRulesProps) {
    const unknown = except.find((name) => !names.includes(name));
    if (unknown !== undefined) throw new RangeError(`There is no rule ${unknown}, only ${names.join(', ')}`);
    this.#facts = facts;
    this.#except = except;
    this.ruleIds = names.filter((name) => !except.includes(name));
  }

  /**
   * Called by the CDK.
   * @param context has the paths of the app's templates, and its constructs.
   */
  validate({
    templatePaths,
    appConstruct,
  }: Pick<IPolicyValidationContext, 'templatePaths' | 'appConstruct'>): PolicyValidationPluginReport {
    const templates = new Templates(templatePaths, new ConstructTree(appConstruct));
    const scope = wholeScope(templates);
    const toDatabase = scope.deliveries.filter(({ target }) => reachOf(templates, target) !== undefined);
    // The CDK permits no acknowledgement of fatal findings.
    const severityOf: Parameters<typeof judge>[3] = (rule, usual) =>
      this.#except.includes(rule) ? 'off' : usual === 'error' ? 'fatal' : usual;
    return reportOf([
      ...judge(general, scope, this.#facts, severityOf),
      ...judge(queueRules, scopeOf(templates, toDatabase), this.#facts, severityOf),
    ]);
  }
}
