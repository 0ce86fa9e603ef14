import { z } from 'zod';
import { mostOfQuota, mostUnusedTickets, planNamePattern, weights } from '../../lambda/domain/plan.ts';
import { priorities } from '../../lambda/domain/preset.ts';

const amount = z.int().min(1).max(mostOfQuota);
const rate = z.number().min(0.001).max(mostOfQuota);

const quota = z
  .strictObject({
    burst: amount,
    perSecond: rate,
    perMinute: rate,
    /** Calendar days and months in UTC. */
    perDay: amount,
    perMonth: amount,
  })
  .partial();

const plan = z.strictObject({
  /** Share of the capacity relative to other tenants. */
  weight: z.number().min(weights.least).max(weights.most).default(1),
  /** Valid tickets without an upload at one time. */
  maxUnusedTickets: z.int().min(1).max(mostUnusedTickets).optional(),
  /** `bulk`: all images of its tenants are refused first and admitted last. */
  priority: z.enum(priorities).optional(),
  quotas: z
    .strictObject({ requests: quota, images: quota, bytes: quota, megapixels: quota })
    .partial()
    .default({}),
});

/** Plans by name. Tenants without a plan have `default`, which is unlimited unless set. */
export const plans = z.record(
  z.string().regex(planNamePattern, 'A plan is named by 1-63 of a-z, 0-9 and -, not beginning with -'),
  plan,
);
