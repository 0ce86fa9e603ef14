import { lambdaHandler, type RemainingTime } from '../runtime/handler.ts';
import { countOutages } from '../runtime/metrics.ts';
import { countBacklog } from './count-backlog.ts';
import { countedEvents } from './counted-events.ts';
import { deadLeases } from './dead-leases.ts';
import { deletedImages } from './deleted-images.ts';
import type { Dependencies } from './dependencies.ts';
import { endedImages } from './ended-images.ts';
import { expiredKeys } from './expired-keys.ts';
import { extraUploads } from './extra-uploads.ts';
import { lostMessages } from './lost-messages.ts';
import { oldEvents } from './old-events.ts';
import { oldExports } from './old-exports.ts';
import { oldQuotas } from './old-quotas.ts';
import { pendingVariants } from './pending-variants.ts';
import { replacedObjects } from './replaced-objects.ts';
import { supersededImages } from './superseded-images.ts';
import { type Report, takeTurns, terms } from './turns.ts';
import { unusedTickets } from './unused-tickets.ts';

/** Most urgent first: a short count, images that people wait for, old keys last. */
const duties = {
  countBacklog,
  deadLeases,
  lostMessages,
  unusedTickets,
  deletedImages,
  supersededImages,
  extraUploads,
  replacedObjects,
  endedImages,
  pendingVariants,
  expiredKeys,
  oldQuotas,
  countedEvents,
  oldEvents,
  oldExports,
} as const;
type DutyName = keyof typeof duties;

export type SweepReport = Report<DutyName>;

/** Some duties failed; the others were done. */
export class SweepFailed extends AggregateError {
  override readonly name = 'SweepFailed';
}

export function createHandler(dependencies: Dependencies, limits = terms) {
  /** @throws SweepFailed at the end, so that the invocation counts as an error. */
  async function sweep(remaining: RemainingTime): Promise<SweepReport> {
    const { log, metrics } = dependencies;
    const opened = Object.fromEntries(
      Object.entries(duties).map(([name, open]) => [name, open(dependencies)]),
    ) as Record<DutyName, ReturnType<(typeof duties)[DutyName]>>;
    const { report, failures } = await takeTurns(opened, limits, { remaining, log });
    log.info('Swept', { report });
    countOutages(failures, metrics);
    if (failures.length > 0) throw new SweepFailed(failures, `${failures.length} duties failed`);
    return report;
  }

  return lambdaHandler(dependencies.log, async (_event: unknown, remaining) => {
    try {
      return await sweep(remaining);
    } finally {
      await dependencies.database.close();
    }
  });
}
