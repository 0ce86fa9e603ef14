import { backOff, held } from '../../lambda/domain/patience.ts';
import { RuleBroken } from './broken.ts';
import { jobsRetentionDays } from './retention.ts';
import { finishSeconds } from './times.ts';

/** A message would reach the dead-letter queue too early, or its retention would end before it does. */
export class ReceivesUnsafe extends RuleBroken {
  override readonly name = 'ReceivesUnsafe';
}

/** Seconds of an outage that every message must outlast. */
export const shortOutageSeconds = 1_800;
const retentionSeconds = jobsRetentionDays * 86_400;

/** Mean of the back-off with full jitter before the next receive: half of 5, 10, 20 … 900 s. */
function meanBackOff(receives: number): number {
  return Math.min(backOff.capSeconds, backOff.baseSeconds * 2 ** receives) / 2;
}

function receivesWhile(outageSeconds: number, secondsAfter: (receives: number) => number): number {
  let receives = 0;
  for (let passed = 0; passed < outageSeconds; receives += 1) passed += secondsAfter(receives);
  return receives;
}

/**
 * Receives of a message in an outage, on average, whichever takes more: of S3, with a back-off after each receive; or of
 * the database, for which a worker waits with its messages until only the time to record results is left.
 * @param timeoutSeconds of the worker
 */
export function receivesIn(outageSeconds: number, timeoutSeconds: number): number {
  const waits = timeoutSeconds - Math.min(finishSeconds, timeoutSeconds / 4);
  const { promptReceives, spreadSeconds } = held;
  const hidden = (receives: number) =>
    receives < promptReceives ? spreadSeconds / 2 : meanBackOff(receives - promptReceives);
  return Math.max(
    receivesWhile(outageSeconds, meanBackOff),
    receivesWhile(outageSeconds, (receives) => waits + hidden(receives)),
  );
}

/** The most receives before a message, hidden for the whole visibility timeout each time, exceeds its retention. */
export function mostReceives(visibilitySeconds: number): number {
  return Math.floor(retentionSeconds / visibilitySeconds);
}

interface Receiving {
  maxReceiveCount: number;
  maxAttempts: number;
  timeoutSeconds: number;
}

/** @param visibility seconds of the visibility timeout */
export function receiveMistakes(
  { maxReceiveCount, maxAttempts, timeoutSeconds }: Receiving,
  visibility: number,
): ReceivesUnsafe[] {
  const outage = receivesIn(shortOutageSeconds, timeoutSeconds);
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
