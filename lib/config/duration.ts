import { z } from 'zod';

const units = { second: 1, minute: 60, hour: 3_600, day: 86_400 } as const;
const pattern = /^(\d+(?:\.\d+)?) ?(second|minute|hour|day)s?$/;
const form =
  'must be a duration such as "15 minutes" (seconds, minutes, hours or days), or a number of seconds';

/** A duration as text or in seconds, in seconds. */
export const duration = z.union([z.number(), z.string()], { error: form }).transform((written, context) => {
  const [, amount, unit] = typeof written === 'number' ? [] : (pattern.exec(written) ?? []);
  const seconds =
    typeof written === 'number'
      ? written
      : Number(amount) * (units[unit as keyof typeof units] ?? Number.NaN);
  if (seconds > 0 && Number.isFinite(seconds)) return seconds;
  context.addIssue({ code: 'custom', message: form });
  return z.NEVER;
});
