import type { TransientCode } from './failure.ts';
import type { ProblemCode } from './problems.ts';

/** The problem of each outage and its detail. Only calls to the bucket end as `out_of_time`. */
export const outageProblems: Partial<Record<TransientCode, readonly [ProblemCode, string]>> = {
  database_unavailable: ['database_unavailable', 'The database does not respond. Try again.'],
  statement_timeout: ['database_slow', 'The database took too long. Try again.'],
  storage_unavailable: ['storage_unavailable', 'The storage does not respond. Try again.'],
  counters_unavailable: ['counters_unavailable', 'The counters of quotas do not respond. Try again.'],
  out_of_time: ['storage_unavailable', 'The storage does not respond. Try again.'],
};
