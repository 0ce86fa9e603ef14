import { workOf as declaredWork } from '../../lambda/policy/admission/work.ts';
import { isPooled } from '../../lib/config/budget.ts';
import type { ResolvedConfig } from '../../lib/config/schema.ts';
import type { Offer } from '../../lib/plan/campaign.ts';
import { brownOutSeconds, imageSeconds, type Work, workOf } from '../../lib/plan/image-seconds.ts';
import { originalBytes } from '../../lib/plan/usage.ts';
import { coreMb, imageSecondsOnLambda } from '../../lib/rules/measured.ts';
import { type CampaignResult, simulateCampaign } from '../../simulator/campaign.ts';
import { scenarioOf } from '../../simulator/config-scenario.ts';
import { measuredDistributions, withDecode } from '../../simulator/distributions.ts';
import type { Scenario } from '../../simulator/scenario.ts';

/** What the simulator says of a campaign. */
export type Simulated = CampaignResult;

const mostClients = 10_000;

class TakesTooLong extends Error {
  override readonly name = 'TakesTooLong';
}

/** The simulator has no proxy: what it counts are clients, of which a proxy takes as many as come. */
function behindPool(database: Scenario['database']): Scenario['database'] {
  const { limits } = database;
  const clients = Object.fromEntries(Object.keys(limits).map((role) => [role, mostClients]));
  return { ...database, maxConnections: mostClients, limits: clients };
}

/** What an image takes in a brown-out and after it, as parts of all its variants at once. */
export function brownOutParts(work: Work): Pick<Scenario['worker'], 'cheapest' | 'later'> {
  const { now, later } = brownOutSeconds(work);
  const whole = imageSeconds(work);
  return { cheapest: now / whole, later: later / whole };
}

/**
 * Runs the simulator, which has the policies of the functions, with the times that the arithmetic assumes.
 * @param limits.seconds of the processor that it may take, which do not depend on what else the machine does
 * @param limits.progress gets the time in the campaign, about once a second
 * @returns undefined if it takes longer
 */
export function simulated(
  config: ResolvedConfig,
  offer: Offer,
  limits: { seconds: number; progress: (at: number) => void },
): Simulated | undefined {
  const work = workOf(config);
  // The simulator knows the number of variants and the memory. What the formats cost is a factor on its decode.
  const onCore: Work = { ...work, memoryMb: coreMb, jobsInFlight: Number.POSITIVE_INFINITY };
  const units = declaredWork(originalBytes, Object.values(config.presets));
  const times = withDecode(
    measuredDistributions(config.api.memoryMb),
    imageSeconds(onCore) / imageSecondsOnLambda / units,
  );
  const { worker, brownOut, database } = scenarioOf(config);
  const parts = brownOutParts(work);
  const began = process.cpuUsage();
  let said = performance.now();
  const progress = (at: number) => {
    const { user, system } = process.cpuUsage(began);
    if (user + system > 1e6 * limits.seconds) throw new TakesTooLong();
    const clock = performance.now();
    if (clock - said < 1000) return;
    said = clock;
    limits.progress(at);
  };
  try {
    return simulateCampaign(config, { ...offer, bytes: originalBytes }, times, {
      worker: { ...worker, ...parts },
      brownOut: { ...brownOut, enabled: brownOut.enabled && parts.later > 0 },
      database: isPooled(config.database) ? behindPool(database) : database,
      progress,
    });
  } catch (error) {
    if (error instanceof TakesTooLong) return undefined;
    throw error;
  }
}
