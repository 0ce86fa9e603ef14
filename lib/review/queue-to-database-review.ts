import type {
  IPolicyValidationContext,
  IPolicyValidationPlugin,
  PolicyValidationPluginReport,
} from 'aws-cdk-lib';
import { superuserReserved } from '../config/budget.ts';
import { maxConnections } from './checks/max-connections.ts';
import { proxyPool, proxyWait } from './checks/proxy-pool.ts';
import { retention } from './checks/queue-retention.ts';
import { queueRules } from './checks/queue-rules.ts';
import { ceiling } from './checks/reserved-concurrency.ts';
import { strayMappings } from './checks/stray-mappings.ts';
import { visibility } from './checks/visibility-timeout.ts';
import { ConstructTree } from './construct-tree.ts';
import type { Client } from './database/clients.ts';
import type { ConnectionFacts } from './database/facts.ts';
import { reachOf } from './database/reach.ts';
import { deliveriesOf } from './deliveries.ts';
import { judge, reportOf, scopeOf, unknownRule } from './judge.ts';
import {
  entryFor,
  type QueueToDatabaseReviewProps,
  requirePaths,
  requireValid,
} from './queue-to-database-props.ts';
import { Templates } from './template.ts';

const rules = [visibility, ceiling, retention, ...queueRules, maxConnections, proxyPool, proxyWait];
const names = [...rules.map(({ name }) => name), unknownRule];

/**
 * A plugin that finds each SQS → Lambda → Postgres of any CDK app and judges it at synthesis. It reads the templates of
 * all stacks, nested ones too. A function reaches Postgres if its environment, security group or role leads to an RDS
 * instance, an Aurora cluster or an RDS Proxy, or if `functions` names it. What the templates do not contain is reported
 * as `Unknown`.
 *
 * | rule | reports |
 * |---|---|
 * | `MaximumConcurrency` | a mapping without a maximum |
 * | `Ceiling` | reserved concurrency below the sum of the maxima, or none although others invoke the function |
 * | `Visibility` | a visibility timeout below 6 × the function's timeout + the batch window |
 * | `Receives`, `FewReceives` | `maxReceiveCount` of 1; below 5 (a warning) |
 * | `Redrive` | a queue without a dead-letter queue |
 * | `Retention` | a dead-letter queue that keeps messages no longer than its source |
 * | `QueueType` | FIFO and standard mixed, or batches that the type does not support |
 * | `BatchFailures` | batches whose single failures are not reported |
 * | `MaxConnections` | more connections than the server has |
 * | `ProxyPool`, `ProxyWait` | more executions than the pool of a proxy (a warning); a wait that outlasts the function |
 * | `Unknown` | what could not be judged (information) |
 *
 * @example
 * Validations.of(app).addPlugins(new QueueToDatabaseReview({ maxConnections: 200 }));
 */
export class QueueToDatabaseReview implements IPolicyValidationPlugin {
  /** Name in reports; acknowledge a finding as `QueueToDatabase::<rule>`. */
  readonly name = 'QueueToDatabase';
  /** Names of the active rules. */
  readonly ruleIds: string[];
  readonly #props: QueueToDatabaseReviewProps;

  /** @throws RangeError for a rule that does not exist, and for a number that is none of connections. */
  constructor(props: QueueToDatabaseReviewProps = {}) {
    requireValid(props, names);
    this.#props = props;
    this.ruleIds = names.filter((name) => props.severity?.[name] !== 'off');
  }

  /**
   * Called by the CDK.
   * @param context has the paths of the app's templates, and its constructs.
   * @throws RangeError if a construct path of the props names nothing.
   */
  validate({
    templatePaths,
    appConstruct,
  }: Pick<IPolicyValidationContext, 'templatePaths' | 'appConstruct'>): PolicyValidationPluginReport {
    const templates = new Templates(templatePaths, new ConstructTree(appConstruct));
    requirePaths(this.#props, templates);
    const clients = this.#clients(templates);
    const deliveries = deliveriesOf(templates).deliveries.filter(({ target }) =>
      clients.some((client) => client.target === target),
    );
    const { reserve = superuserReserved, maxConnections, severity } = this.#props;
    const facts: ConnectionFacts = {
      reserve,
      clients,
      maxConnections: (server) =>
        typeof maxConnections === 'object' ? entryFor(maxConnections, server) : maxConnections,
    };
    return reportOf(
      judge(
        [...rules, strayMappings],
        scopeOf(templates, deliveries),
        facts,
        (rule, usual) => severity?.[rule] ?? usual,
      ),
    );
  }

  #clients(templates: Templates): Client[] {
    const { functions = {}, defaults } = this.#props;
    return templates.ofType('AWS::Lambda::Function').flatMap((target) => {
      const given = entryFor(functions, target);
      const servers = reachOf(templates, target) ?? (given === undefined ? undefined : []);
      if (given === false || servers === undefined) return [];
      return { target, servers, connections: 1, persistent: true, ...defaults, ...given };
    });
  }
}
