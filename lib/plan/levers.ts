import { connectionBudget, isPooled, poolConnections, transactionsAtOnce } from '../config/budget.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { imageSecondsOnLambda } from '../rules/measured.ts';

/** MaximumConcurrency of a mapping. */
export const mostWorkers = 1000;

/** What more workers would need, and what they would make. */
export interface Lever {
  change: string;
  workers: number;
  imagesPerMinute: number;
}

/** The ways to more workers, the cheapest first; none if the budget allows no more. */
export function nextLevers(config: ResolvedConfig): Lever[] {
  const now = config.process.maxConcurrency;
  const pooled = isPooled(config.database);
  const here = pooled ? mostPooled(config) : mostDirect(config);
  const levers = [lever(`process.maxConcurrency: ${here}`, here)];
  // A proxy of the pipeline's own: an existing server has one or has none.
  if (!pooled && config.database.connection === undefined) {
    const behindProxy = mostPooled(config);
    levers.push(lever(`database.proxy: true and process.maxConcurrency: ${behindProxy}`, behindProxy));
  }
  return levers.filter(({ workers }) => workers > now);
}

function lever(change: string, workers: number): Lever {
  return { change, workers, imagesPerMinute: Math.floor((workers * 60) / imageSecondsOnLambda) };
}

/** Workers that the connections of the server allow. */
export function mostDirect(config: ResolvedConfig): number {
  const { total, available } = connectionBudget(config);
  return Math.min(mostWorkers, config.process.maxConcurrency + available - total);
}

/** Workers that the pool of a proxy allows. */
export function mostPooled(config: ResolvedConfig): number {
  const one = { ...config, process: { ...config.process, maxConcurrency: 1 } };
  const { total, process, migrate, reserve, superuser } = connectionBudget(one, undefined, true);
  // The functions beside the workers, without those that bypass the pool.
  const others = total - process - migrate - reserve - superuser;
  const free = poolConnections(config).connections - others;
  let workers = mostWorkers;
  while (workers > 0 && transactionsAtOnce(workers) > free) workers -= 1;
  return workers;
}
