import type { Refusal } from '../lambda/policy/admission/admission.ts';

/** Also of what answers instead of the policy: the gateway, the function's cap, an outage. */
export type RefusalCode = Refusal['code'] | 'throttled' | 'unavailable' | 'database_unavailable';
