import { connectionBudget, isPooled, poolConnections, transactionsAtOnce } from '../config/budget.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { secondsPerTicket } from '../rules/measured.ts';
import type { Course, Offer } from './campaign.ts';

/** A new environment of the API takes so long to start, and requests that come meanwhile start others. Assumed. */
const startSeconds = 0.5;

/** Connections of one role at the peak of a campaign; behind a proxy, transactions at once. */
export interface RolePeak {
  role: string;
  peak: number;
  /** If a deploy happens at the peak: two generations of what keeps its connection. */
  inDeploy: number;
  budget: number;
}

export interface PeakConnections {
  pooled: boolean;
  roles: RolePeak[];
  peak: number;
  inDeploy: number;
  /** Of the server, or of the proxy’s pool; what is kept free is not among the roles. */
  available: number;
}

/** Connections at the peak, by role, and the budget that bounds each. */
export function peakConnections(
  config: ResolvedConfig,
  { pace }: Pick<Course, 'pace'>,
  { ratePerSecond }: Pick<Offer, 'ratePerSecond'>,
): PeakConnections {
  const pooled = isPooled(config.database);
  const budget = connectionBudget(config);
  const { maxConcurrency: cap } = config.process;
  const tickets = Math.min(ratePerSecond, pace.gateway);
  const busy = Math.ceil(
    Number((tickets * (startSeconds + secondsPerTicket(config.api.memoryMb))).toFixed(6)),
  );
  const environments = Math.min(config.api.maxConcurrency, busy);
  // While images wait, every worker is busy.
  const workers = Math.min(cap, Math.ceil(Number(((ratePerSecond / pace.whole) * cap).toFixed(6))));
  const process = pooled ? transactionsAtOnce(workers) : workers;
  // They work on what the campaign leaves behind, or beside it: as many as they may have.
  const beside = (['sweep', 'relay', 'dispatch', 'analytics', 'audit', 'export', 'exportjob'] as const).map(
    (role) => ({ role, peak: budget[role], inDeploy: budget[role], budget: budget[role] }),
  );
  const roles: RolePeak[] = [
    { role: 'process', peak: process, inDeploy: process, budget: budget.process },
    {
      role: 'api',
      peak: environments,
      inDeploy: pooled ? environments : 2 * environments,
      budget: budget.api,
    },
    ...beside,
    { role: 'operate', peak: 0, inDeploy: 0, budget: budget.operate },
    { role: 'migrate', peak: 0, inDeploy: budget.migrate, budget: budget.migrate },
  ];
  const sum = (key: 'peak' | 'inDeploy') => roles.reduce((total, role) => total + role[key], 0);
  return {
    pooled,
    roles,
    peak: sum('peak'),
    inDeploy: sum('inDeploy'),
    available: pooled ? poolConnections(config).connections : budget.available,
  };
}
