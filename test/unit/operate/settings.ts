import type { NextStepSettings } from '../../../lambda/operate/next-step.ts';

export const settings: NextStepSettings = {
  process: { maxAttempts: 5 },
  retention: {
    idempotencySeconds: 86_400,
    rows: { expiredDays: 1, supersededDays: 1, rejectedDays: 30, failedDays: 31 },
  },
};
