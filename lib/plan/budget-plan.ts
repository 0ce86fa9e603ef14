import { deadLetterDays } from '../../lambda/domain/patience.ts';
import { connectionBudget, isPooled, poolConnections, roleShares } from '../config/budget.ts';
import { stageConfig, stageKnobs } from '../config/resolve.ts';
import type { ResolvedConfig, SluiceConfig } from '../config/schema.ts';
import type { Knob } from '../config/solve.ts';
import { backlogOf, partOfOneTenant } from '../rules/backlog.ts';
import { imageSecondsOnLambda } from '../rules/measured.ts';
import { jobsRetentionDays } from '../rules/retention.ts';
import { reservedConcurrency } from './concurrency.ts';
import { type Lever, nextLevers } from './levers.ts';

/** One line of `npm run plan`. */
export interface PlanRow {
  /** A path in sluice.config.ts, or what AWS or Postgres enforces. */
  name: string;
  value: string;
  /** Derived values follow from the rest of the configuration. */
  how: 'set' | 'derived';
  /** With the arithmetic. */
  reason: string;
}

export interface BudgetPlan {
  stage: string;
  rows: PlanRow[];
  levers: Lever[];
}

/**
 * Every setting that a stage's connections, concurrencies and times depend on, and what the next worker would need.
 * @throws ConfigMistakes
 */
export function budgetPlan(written: SluiceConfig, stage: string): BudgetPlan {
  const config = stageConfig(written, stage);
  return {
    stage,
    rows: [
      ...stageKnobs(written, stage).map(rowOf),
      ...concurrencyRows(config),
      ...connectionRows(config),
      ...queueRows(config),
    ],
    levers: nextLevers(config),
  };
}

function rowOf({ path, value, derived, set, reason }: Knob): PlanRow {
  return {
    name: path,
    value: String(value),
    how: set ? 'set' : 'derived',
    reason: set && value !== derived ? `otherwise ${derived}: ${reason}` : reason,
  };
}

function derived(name: string, value: number | string, reason: string): PlanRow {
  return { name, value: String(value), how: 'derived', reason };
}

function concurrencyRows(config: ResolvedConfig): PlanRow[] {
  const { shares, sum, accountLimit } = reservedConcurrency(config);
  const { maxConcurrency } = config.process;
  const parts = Object.entries(shares).map(([name, share]) => `${name} ${share}`);
  return [
    derived('MaximumConcurrency of the mapping', maxConcurrency, 'process.maxConcurrency'),
    sum === 0
      ? derived('reserved concurrency', 0, 'deploy.reservedConcurrency is false')
      : derived(
          'reserved concurrency',
          sum,
          `${parts.join(' + ')}; the account’s limit must be ${accountLimit} or more`,
        ),
  ];
}

function connectionRows(config: ResolvedConfig): PlanRow[] {
  const pooled = isPooled(config.database);
  const { total, available, ...shares } = connectionBudget(config);
  const sum = Object.entries(shares).map(([name, connections]) => `${name} ${connections}`);
  const { percent, connections } = poolConnections(config);
  const limitReason = pooled ? 'the proxy’s pool, which all roles share' : 'the share of its function';
  return [
    derived(
      pooled ? 'transactions at once and connections' : 'connections',
      `${total} of ${available}`,
      sum.join(' + '),
    ),
    ...(pooled
      ? [
          derived(
            'pool of the proxy',
            `${connections} (${percent} %)`,
            `whole percents of ${available} without migrate, reserve and superuser`,
          ),
        ]
      : []),
    ...Object.entries(roleShares(config, pooled)).map(([role, share]) =>
      derived(
        `CONNECTION LIMIT of ${role}`,
        share.connections,
        share.persistent && !pooled
          ? `2 × ${share.connections / 2}: a deploy has two generations`
          : limitReason,
      ),
    ),
  ];
}

function queueRows(config: ResolvedConfig): PlanRow[] {
  const { maxBacklogAge } = config.admission;
  const images = backlogOf(config);
  return [
    derived(
      'retention of the dead-letter queue',
      `${deadLetterDays} days`,
      `SQS’s maximum, more than the ${jobsRetentionDays} days of ImageJobs: an age counts from the first enqueue`,
    ),
    derived(
      'images that wait at most',
      images,
      `${maxBacklogAge} s (admission.maxBacklogAge) × ${config.process.maxConcurrency} workers / ${imageSecondsOnLambda} s, assumed ` +
        'until the drain is measured',
    ),
    derived(
      'of them, one tenant at most',
      Math.floor(images * partOfOneTenant),
      `${100 * partOfOneTenant} %, so that others find room at once; two tenants ${Math.round((100 * 4) / 9)} % each`,
    ),
  ];
}
