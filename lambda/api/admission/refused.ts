import type { Refusal } from '../../policy/admission/admission.ts';
import type { TenantCall } from '../http/endpoint.ts';
import { Problem, retryAfter } from '../http/problem.ts';

/** The name of the bound in RateLimit fields. */
const policy = 'backlog';

const reasons: Record<Refusal['code'], string> = {
  backlog_share: 'As many of your images are waiting as your share of the queue allows.',
  overloaded: 'More images are waiting than can be processed in time.',
};

/** The problem of a refusal, with the fields of draft-ietf-httpapi-ratelimit-headers. */
export function refused({ code, retryAfterSeconds, capped, allowed }: Refusal): Problem {
  const when = capped
    ? `Your turn comes later than in ${retryAfterSeconds} s, the longest Retry-After.`
    : `Your turn comes in ${retryAfterSeconds} s.`;
  return new Problem(
    code,
    `${reasons[code]} ${when} Repeat the request then, with the same Idempotency-Key if it has one.`,
    {
      headers: {
        ...retryAfter(retryAfterSeconds),
        'RateLimit-Policy': `"${policy}";q=${allowed};qu="concurrent-requests"`,
        RateLimit: `"${policy}";r=0;t=${retryAfterSeconds}`,
      },
      violatedPolicies: [policy],
    },
  );
}

export function countRefusal({ parts }: TenantCall, { reason }: Refusal): void {
  parts.metrics.add('ImagesRefused', { Reason: reason });
}
