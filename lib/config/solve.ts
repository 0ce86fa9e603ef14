import { type Catalogue, catalogue } from '../catalogue/catalogue.ts';
import type { FunctionDefinition } from '../catalogue/definition.ts';
import { entriesOf } from '../catalogue/select.ts';
import { noisyInFlight } from '../rules/fairness.ts';
import { imageSecondsOnLambda } from '../rules/measured.ts';
import { mostReceives, receivesIn } from '../rules/receives.ts';
import { servedPerSecond } from '../rules/request-rate.ts';
import { databaseWaits, finishSeconds, longestWait } from '../rules/times.ts';
import { superuserReserved, transactionsAtOnce } from './budget.ts';
import type { ParsedConfig, ResolvedConfig } from './schema.ts';

/** A setting that is derived if it is not set. */
export interface Knob {
  /** As a path in sluice.config.ts. */
  path: string;
  value: number;
  set: boolean;
  /** The value if it were not set. */
  derived: number;
  /** Of the derived value, with the arithmetic. */
  reason: string;
}

/** The sections that the solver reads. */
export type Solvable = Pick<ParsedConfig, 'api' | 'process' | 'limits' | 'deploy' | 'database'>;

/** What a pipeline gets if its server has the connections: 50,000 tickets a minute, and eight workers. */
const targets = { api: 20, process: 8, requestsPerSecond: 1000 } as const;
/** A night, until a person acts: messages must not reach the dead-letter queue before. */
const longOutageHours = 11;
/** Messages in flight: those of a noisy tenant, and some of others. */
const fairInFlight = noisyInFlight + 2;
/** Of SQS, without a batch window. */
const mostInBatch = 10;
/** For the response after the longest wait. */
const responseSeconds = 3;
/** Lambda's longest timeout. */
const mostSeconds = 900;

/**
 * Derives every setting that is not set from the others. The targets are reduced to the connections of the server, the
 * times follow from the measured ones. What is set is used as it is; brokenRules checks the result.
 */
export function solve(config: Solvable, pooled: boolean, functions: Catalogue = catalogue): Knob[] {
  const { api, process, limits, deploy, database } = config;
  const taken = fixedConnections(functions) + database.reserve + superuserReserved;
  const free = Math.max(0, database.maxConnections - taken);
  const workers = pooled ? transactionsAtOnce(targets.process) : targets.process;
  const wanted = (pooled ? 1 : 2) * targets.api + workers;
  const fits = Math.min(1, free / wanted);
  const sum = `${pooled ? '' : '2 × '}${targets.api} (api) + ${workers} (process) = ${wanted} connections wanted, ${database.maxConnections} − ${taken} = ${free} free`;
  const reduced = (target: number) => (fits < 1 ? `${target} × ${free} / ${wanted}: ${sum}` : sum);

  const apiConcurrency = knob('api.maxConcurrency', api.maxConcurrency, {
    value: Math.max(1, Math.floor(targets.api * fits)),
    reason: reduced(targets.api),
  });
  const served = servedPerSecond({ maxConcurrency: apiConcurrency.value, memoryMb: api.memoryMb });
  const cap = knob('process.maxConcurrency', process.maxConcurrency, {
    value: Math.max(2, Math.floor(targets.process * fits)),
    reason: reduced(targets.process),
  });
  const batch = knob('process.batchSize', process.batchSize, batchOf(cap.value));
  const timeout = knob('process.timeoutSeconds', process.timeoutSeconds, timeoutOf(batch.value, limits));
  const visibility = 6 * timeout.value + process.batchWindowSeconds;
  const outage = receivesIn(longOutageHours * 3600, timeout.value);
  return [
    apiConcurrency,
    knob('deploy.requestsPerSecond', deploy.requestsPerSecond, {
      value: Math.max(1, Math.min(targets.requestsPerSecond, served)),
      reason: `${apiConcurrency.value} executions serve ${served} tickets a second; at most ${targets.requestsPerSecond}`,
    }),
    knob('api.timeoutSeconds', api.timeoutSeconds, {
      value: longestWait + responseSeconds,
      reason: `connect ${databaseWaits.connect} + statement ${databaseWaits.statement} + answer ${databaseWaits.answer} + response ${responseSeconds}`,
    }),
    cap,
    batch,
    timeout,
    knob('process.visibilityTimeoutSeconds', process.visibilityTimeoutSeconds, {
      value: visibility,
      reason: `6 × ${timeout.value} (timeout) + ${process.batchWindowSeconds} (batch window)`,
    }),
    knob(
      'process.maxReceiveCount',
      process.maxReceiveCount,
      receivesOf(process.maxAttempts, outage, process.visibilityTimeoutSeconds ?? visibility),
    ),
  ];
}

/** The configuration with the solved values. The visibility timeout stays derived from the timeout where it is used. */
export function solved<Config extends Solvable>(
  config: Config,
  knobs: readonly Knob[],
): Config & ResolvedConfig {
  const value = (path: string) => knobs.find((one) => one.path === path)?.value;
  const { api, process, deploy } = config;
  return {
    ...config,
    api: {
      ...api,
      maxConcurrency: value('api.maxConcurrency'),
      timeoutSeconds: value('api.timeoutSeconds'),
    },
    process: {
      ...process,
      maxConcurrency: value('process.maxConcurrency'),
      batchSize: value('process.batchSize'),
      timeoutSeconds: value('process.timeoutSeconds'),
      maxReceiveCount: value('process.maxReceiveCount'),
    },
    deploy: { ...deploy, requestsPerSecond: value('deploy.requestsPerSecond') },
  } as unknown as Config & ResolvedConfig;
}

type Derived = Pick<Knob, 'value' | 'reason'>;

function knob(path: string, set: number | undefined, { value, reason }: Derived): Knob {
  return { path, value: set ?? value, set: set !== undefined, derived: value, reason };
}

/**
 * Enough messages in flight for fair queues to see a noisy tenant (lib/rules/fairness.ts), in batches short enough that a
 * worker is soon free for a quiet one.
 */
function batchOf(cap: number): Derived {
  const filling = Math.ceil(fairInFlight / cap);
  const half = Math.floor(cap / 2);
  const value = Math.min(mostInBatch, Math.max(filling, half));
  return {
    value,
    reason:
      `${fairInFlight} / ${cap} (process.maxConcurrency) = ${filling} for fair queues, which look for ${noisyInFlight} messages ` +
      `of a tenant in flight, or ${cap} / 2 = ${half}, so that a worker is free every half an image; at most ${mostInBatch}`,
  };
}

/** Two decodes at their limit, so that one that starts late ends in time, or a batch; in whole minutes. */
function timeoutOf(batchSize: number, { decodeTimeoutMs }: Solvable['limits']): Derived {
  const decodes = (2 * decodeTimeoutMs) / 1000;
  const batch = batchSize * imageSecondsOnLambda;
  const least = Math.max(decodes, batch) + finishSeconds;
  return {
    value: Math.min(mostSeconds, 60 * Math.ceil(least / 60)),
    reason:
      `two decodes ${decodes} s, or a batch of ${batchSize} × ${imageSecondsOnLambda} s, + ${finishSeconds} s to record ` +
      `results = ${least} s, in whole minutes`,
  };
}

function receivesOf(attempts: number, outage: number, visibility: number): Derived {
  const wanted = outage + attempts;
  const most = mostReceives(visibility);
  return {
    value: Math.min(wanted, most),
    reason:
      `${outage} receives in an outage of ${longOutageHours} hours + ${attempts} attempts = ${wanted}; at most ${most}, ` +
      `which ${visibility} s each fit into the queue’s retention`,
  };
}

/** Connections of functions whose share is a number. */
function fixedConnections(functions: Catalogue): number {
  return entriesOf<FunctionDefinition>(functions).reduce(
    (sum, [, { database }]) => sum + (typeof database?.connections === 'number' ? database.connections : 0),
    0,
  );
}
