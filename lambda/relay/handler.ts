import { lambdaHandler } from '../runtime/handler.ts';
import { countOutages } from '../runtime/metrics.ts';
import type { Dependencies } from './dependencies.ts';
import { relayEvents } from './relay.ts';

/** Invoked by the schedule and by nudges; the event is ignored. */
export function createHandler(dependencies: Dependencies) {
  const { database, log, metrics } = dependencies;
  return lambdaHandler(log, async (_event: unknown, remaining) => {
    try {
      const report = await relayEvents(dependencies, remaining);
      log.info('Relayed', { report });
      // No nudge has failed: another one asks for the same.
      return { ...report, batchItemFailures: [] };
    } catch (error) {
      countOutages([error], metrics);
      throw error;
    } finally {
      await database.close();
    }
  });
}
