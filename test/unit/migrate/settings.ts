import type { Terms } from '../../../lambda/migrate/next-step.ts';

export const settings: Terms = {
  process: { maxAttempts: 5 },
  retention: { idempotencySeconds: 86_400, rows: { expiredDays: 1, rejectedDays: 30, failedDays: 31 } },
};
