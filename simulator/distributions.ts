import {
  enqueueSeconds,
  imageSecondsOnLambda,
  secondsPerTicket,
  transactionSeconds,
} from '../lib/rules/measured.ts';

/** An empirical distribution: its quantiles at equal steps, from the least value to the greatest. */
export type Distribution = readonly [number, ...number[]];

/** Times of the parts, in seconds. */
export interface Distributions {
  /** A request to the API, from its arrival to the response. */
  ticket: Distribution;
  /** Of the client, from its ticket to the object in the bucket. */
  upload: Distribution;
  /** From the object to its message in the queue. */
  enqueue: Distribution;
  /** From a visible message to the execution that has it. */
  receive: Distribution;
  /** Start of a new environment of the API, and of the worker. */
  apiStart: Distribution;
  workerStart: Distribution;
  /** A connection of the worker, a claim and a commit. */
  connect: Distribution;
  claim: Distribution;
  commit: Distribution;
  /** Of one image: the original, the decode that one image at a time may have, and the puts. */
  fetch: Distribution;
  decode: Distribution;
  put: Distribution;
}

/** @param u from 0 to 1, 1 excluded */
export function valueAt(distribution: Distribution, u: number): number {
  const last = distribution.length - 1;
  const place = u * last;
  const below = Math.floor(place);
  const low = distribution[below] as number;
  return low + (place - below) * ((distribution[Math.min(last, below + 1)] as number) - low);
}

export function meanOf(distribution: Distribution): number {
  if (distribution.length === 1) return distribution[0];
  const inner = distribution.slice(1, -1).reduce((sum, value) => sum + value, 0);
  return (inner + (distribution[0] + (distribution.at(-1) as number)) / 2) / (distribution.length - 1);
}

/** The same shape with another mean. */
export function withMean(distribution: Distribution, mean: number): Distribution {
  const factor = mean / meanOf(distribution);
  return distribution.map((value) => factor * value) as unknown as Distribution;
}

/** Quantiles of measured values at equal steps. */
export function distributionOf(values: readonly number[], steps = 20): Distribution {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) throw new RangeError('there is no distribution of nothing');
  const at = (part: number) => {
    const place = part * (sorted.length - 1);
    const low = sorted[Math.floor(place)] as number;
    return low + (place % 1) * ((sorted[Math.ceil(place)] as number) - low);
  };
  return Array.from({ length: steps + 1 }, (_, n) => at(n / steps)) as unknown as Distribution;
}

/**
 * Wall time of the decodes of bench/imaging/result.json, one of each kind of photograph: a shape, not how often each
 * kind comes.
 */
const decodes: Distribution = [0.37, 0.38, 0.395, 0.4, 0.407, 0.41, 0.49, 0.51, 0.93];

/** Times measured on this machine, and what Lambda is assumed to add, as in lib/rules/measured.ts. */
export function measuredDistributions(apiMemoryMb = 512): Distributions {
  const ticket = secondsPerTicket(apiMemoryMb);
  return {
    ticket: [0.7 * ticket, ticket, 1.3 * ticket],
    // Of 3 MB at 50 Mbit/s, which a client may have: assumed, as all others here without a source.
    upload: [0.2, 0.5, 1, 2],
    enqueue: [enqueueSeconds, 1.5 * enqueueSeconds, 3 * enqueueSeconds],
    receive: [0.01, 0.02, 0.05],
    // Imports of 43 and 36 ms (bench/startup), the sandbox, and a start of Lambda.
    apiStart: [0.3, 0.5, 0.9],
    workerStart: [0.5, 0.8, 1.4],
    connect: [0.008, 0.01, 0.02],
    claim: [transactionSeconds / 2, transactionSeconds],
    commit: [transactionSeconds / 2, transactionSeconds],
    fetch: [0.03, 0.05, 0.12],
    decode: withMean(decodes, imageSecondsOnLambda),
    put: [0.03, 0.06, 0.15],
  };
}

/** The same times for a worker and images of another size. @param factor on the decode */
export function withDecode(distributions: Distributions, factor: number): Distributions {
  const decode = distributions.decode.map((seconds) => factor * seconds) as unknown as Distribution;
  return { ...distributions, decode };
}
