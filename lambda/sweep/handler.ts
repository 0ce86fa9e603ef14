import { lambdaHandler, type RemainingTime } from '../runtime/handler.ts';
import { sweepDeadLeases } from './dead-leases.ts';
import { sweepDeletedImages } from './deleted-images.ts';
import type { Dependencies } from './dependencies.ts';
import { sweepExpiredKeys } from './expired-keys.ts';
import { sweepLostMessages } from './lost-messages.ts';
import { sweepUnusedTickets } from './unused-tickets.ts';

/** In the order of who waits for it: a person for an image, nobody for an old key. */
const duties = {
  deadLeases: sweepDeadLeases,
  lostMessages: sweepLostMessages,
  unusedTickets: sweepUnusedTickets,
  deletedImages: sweepDeletedImages,
  expiredKeys: sweepExpiredKeys,
} as const;
type Duty = keyof typeof duties;

/** What each duty did, or `skipped` where the time was over. */
export type SweepReport = Partial<Record<Duty, Record<string, number> | 'skipped'>>;

/** A duty of at most 1000 images takes seconds; with less than this left none is begun, in milliseconds. */
const dutyMs = 20_000;

/** Some duties failed; the others were done. */
export class SweepFailed extends AggregateError {
  override readonly name = 'SweepFailed';
}

export function createHandler(dependencies: Dependencies) {
  return lambdaHandler(dependencies.log, async (_event: unknown, remaining) => {
    try {
      return await sweep(dependencies, remaining);
    } finally {
      await dependencies.database.close();
    }
  });
}

/**
 * Does all duties, one after the other. The failure of one keeps no other from being done.
 * @throws SweepFailed at the end, so that the invocation counts as an error.
 */
async function sweep(dependencies: Dependencies, remaining: RemainingTime): Promise<SweepReport> {
  const { log } = dependencies;
  const report: SweepReport = {};
  const failures: unknown[] = [];
  for (const [name, duty] of Object.entries(duties) as [Duty, (typeof duties)[Duty]][]) {
    if (remaining() < dutyMs) {
      report[name] = 'skipped';
      continue;
    }
    try {
      report[name] = await duty(dependencies);
    } catch (error) {
      log.error('A duty failed', { duty: name, error });
      failures.push(error);
    }
  }
  log.info('Swept', { report });
  if (failures.length > 0) throw new SweepFailed(failures, `${failures.length} duties failed`);
  return report;
}
