import type { ResolvedConfig } from '../config/schema.ts';
import { type Acknowledgement, functions } from './acknowledgements.ts';

/**
 * Findings of a setting that an account may require and preflight recommends: it should not cost the whole review. None
 * in `prod` by default, and none for what is only cheaper.
 */
export function chosen({ deploy }: ResolvedConfig): readonly Acknowledgement[] {
  if (deploy.reservedConcurrency) return [];
  return [
    {
      title: 'Nothing is reserved (deploy.reservedConcurrency: false)',
      covers: [{ rule: 'NIST.800.53.R5-LambdaConcurrency', at: functions }],
      reason:
        'A new account has 10 executions and lets none be reserved. The mapping caps process, and the CONNECTION LIMIT of ' +
        'the roles holds what all of them open: lib/config/budget.ts, docs/configuration.md.',
    },
  ];
}
