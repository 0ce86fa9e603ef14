import { backOff } from '../../lambda/domain/patience.ts';
import { RuleBroken } from './broken.ts';
import { jobsRetentionDays } from './retention.ts';

/** A message would reach the dead-letter queue too early, or its retention would end before it does. */
export class ReceivesUnsafe extends RuleBroken {
  override readonly name = 'ReceivesUnsafe';
}

/** Seconds of an outage that every message must outlast. */
export const shortOutageSeconds = 600;
const retentionSeconds = jobsRetentionDays * 86_400;

/** Receives of a message in an outage, at the mean of the back-off with full jitter: half of 5, 10, 20 … 900 s. */
export function receivesIn(outageSeconds: number): number {
  let receives = 0;
  for (let hidden = 0; hidden < outageSeconds; receives += 1)
    hidden += Math.min(backOff.capSeconds, backOff.baseSeconds * 2 ** receives) / 2;
  return receives;
}

/** The most receives before a message, hidden for the whole visibility timeout each time, exceeds its retention. */
export function mostReceives(visibilitySeconds: number): number {
  return Math.floor(retentionSeconds / visibilitySeconds);
}

interface Receiving {
  maxReceiveCount: number;
  maxAttempts: number;
}

/** @param visibility seconds of the visibility timeout */
export function receiveMistakes(
  { maxReceiveCount, maxAttempts }: Receiving,
  visibility: number,
): ReceivesUnsafe[] {
  const outage = receivesIn(shortOutageSeconds);
  const least = outage + maxAttempts;
  const needs =
    `an outage of ${shortOutageSeconds} s takes ${outage}, and process.maxAttempts ${maxAttempts} more: ${outage} + ` +
    `${maxAttempts} = ${least}`;
  const retention = `${retentionSeconds} s (${jobsRetentionDays} days of retention)`;
  if (mostReceives(visibility) < least)
    return [
      new ReceivesUnsafe(
        'process.visibilityTimeoutSeconds',
        `SQS would delete messages before they have the receives that they need: ${needs}, and ${least} × ${visibility} s = ` +
          `${least * visibility} s > ${retention}.`,
      ),
    ];
  if (maxReceiveCount < least)
    return [
      new ReceivesUnsafe(
        'process.maxReceiveCount',
        `A healthy message would reach the dead-letter queue after ${maxReceiveCount} receives: ${needs} > ${maxReceiveCount}.`,
      ),
    ];
  if (maxReceiveCount <= mostReceives(visibility)) return [];
  return [
    new ReceivesUnsafe(
      'process.maxReceiveCount',
      `SQS would delete a message whose worker hangs before it reaches the dead-letter queue: ${maxReceiveCount} × ` +
        `${visibility} s of visibility timeout = ${maxReceiveCount * visibility} s > ${retention}. At most ` +
        `${mostReceives(visibility)}.`,
    ),
  ];
}
