import type { ResolvedConfig } from '../config/schema.ts';
import { type Acknowledgement, functions } from './acknowledgements.ts';

/**
 * Findings of a setting that an account may require and preflight recommends, accepted so that the review stays on. None
 * in `prod` by default, and none for a setting that only saves money.
 */
export function settingAcknowledgements({ deploy }: ResolvedConfig): readonly Acknowledgement[] {
  if (deploy.reservedConcurrency) return [];
  return [
    {
      title: 'No concurrency is reserved (deploy.reservedConcurrency: false)',
      covers: [{ rule: 'NIST.800.53.R5-LambdaConcurrency', at: functions }],
      reason:
        'A new account has 10 executions, none of which can be reserved. The mapping caps process, and the CONNECTION LIMITs ' +
        'of the roles cap all connections: lib/config/budget.ts, docs/configuration.md.',
    },
  ];
}
