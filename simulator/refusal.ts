import type { Refusal } from '../lambda/policy/admission/admission.ts';

/** Also of what answers instead of the policy: the gateway, the function's cap, an outage. */
export type RefusalCode = Refusal['code'] | 'throttled' | 'unavailable' | 'database_unavailable';

/** Whether the response tells a turn in line; the others tell a fixed time. */
export function isTurn(code: RefusalCode): boolean {
  return code === 'backlog_share' || code === 'overloaded';
}
