import type { OperateSettings } from '../../../lambda/operate/operations.ts';
import { settings as all } from '../api/settings.ts';

export const settings: OperateSettings = {
  ...all,
  process: { maxAttempts: 5 },
  retention: {
    idempotencySeconds: 86_400,
    eventDays: 7,
    exportDays: 7,
    rows: { expiredDays: 1, supersededDays: 1, rejectedDays: 30, failedDays: 31 },
  },
};
