import { settingsOf } from '../lib/bundling/settings.ts';
import { isPooled, roleShares } from '../lib/config/budget.ts';
import type { ResolvedConfig } from '../lib/config/schema.ts';
import { coreMb } from '../lib/rules/measured.ts';
import { visibilityTimeout } from '../lib/rules/visibility.ts';
import { type Distributions, measuredDistributions, withDecode } from './distributions.ts';
import type { Scenario } from './scenario.ts';

/** Of AWS Lambda: five invocations at once, and 300 more a minute (mapping.ts). */
export const lambdaScaling = { first: 5, perSecond: 5 } as const;
/** Statements at once up to which none slows another: those of a server with two cores, which wait half of the time. Assumed. */
const statementsAtOnce = 4;
/** Decode, resize and JPEG are this part of an image's CPU (bench/imaging). */
const cheapest = 0.36;
/** One of two formats. */
const cheapestPuts = 0.5;
/** Of what is left for later (bench/imaging: all but two JPEGs). */
const later = 0.89;

/** The pipeline that a configuration deploys, without faults. */
export function scenarioOf(
  config: ResolvedConfig,
  {
    seed = 1,
    times = measuredDistributions(config.api.memoryMb),
  }: { seed?: number; times?: Distributions | undefined } = {},
): Scenario {
  const { api, process, database, uploads, limits, deploy } = config;
  const settings = settingsOf(config, {});
  const shares = roleShares(config, isPooled(config.database));
  const { batchWindowSeconds, timeoutSeconds, visibilityTimeoutSeconds } = process;
  return {
    seed,
    until: 14 * 86_400,
    drains: true,
    admission: settings.admission,
    brownOut: settings.brownOut,
    api: {
      routing: 'lambda',
      environments: api.maxConcurrency,
      requestsPerSecond: deploy.requestsPerSecond,
      burst: deploy.burst,
    },
    worker: {
      cap: process.maxConcurrency,
      batchSize: process.batchSize,
      timeoutSeconds,
      visibilitySeconds: visibilityTimeout({ batchWindowSeconds, timeoutSeconds, visibilityTimeoutSeconds }),
      jobsInFlight: process.jobsInFlight,
      maxAttempts: process.maxAttempts,
      decodeLimitSeconds: limits.decodeTimeoutMs / 1000,
      scaling: lambdaScaling,
      cheapest,
      cheapestPuts,
      later,
      completionsPerSweep: settings.brownOut.completionsPerSweep,
    },
    queue: { maxReceiveCount: process.maxReceiveCount, fair: true },
    database: {
      maxConnections: database.maxConnections,
      limits: Object.fromEntries(
        Object.entries(shares).map(([role, share]) => [role.replace('sluice_', ''), share.connections]),
      ),
      outages: [],
      statementsAtOnce,
    },
    times: withDecode(times, Math.max(1, coreMb / process.memoryMb)),
    storageFaults: [],
    deploys: [],
    duplicates: 0,
    poison: 0,
    ticketSeconds: uploads.ticketSeconds,
  };
}
