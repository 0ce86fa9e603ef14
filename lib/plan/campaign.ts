import { longestRetryAfterSeconds } from '../../lambda/domain/retry-after.ts';
import { settingsOf } from '../bundling/settings.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { partOfOneTenant } from '../rules/backlog.ts';
import { brownOutSeconds, imageSeconds, workOf } from './image-seconds.ts';

/** A mapping of SQS starts five batches at once, and 300 more a minute ("Configuring scaling behavior"). */
export const lambdaScaling = { first: 5, perSecond: 5 } as const;

/** Images that producers offer at a constant rate. Each tenant offers the same number. */
export interface Offer {
  ratePerSecond: number;
  seconds: number;
  tenants: number;
}

/** What a deployment makes of images, in images a second. */
export interface Pace {
  /** With all variants, and with the cheapest format of each preset only. */
  whole: number;
  inBrownOut: number;
  /** Requests for new images that the gateway lets through. */
  gateway: number;
}

/** What the arithmetic says of a campaign. Times in seconds from its first request. */
export interface Course {
  images: number;
  pace: Pace;
  keepsUp: boolean;
  /** Images that wait or are in work at the same time: the capacity, less what it leaves for newcomers. */
  held: number;
  /** Images that are admitted when they first ask. */
  admittedAtOnce: number;
  /** The last image is admitted, and the last one is ready. */
  allInSeconds: number;
  drainSeconds: number;
  /** Until all workers are started. */
  rampSeconds: number;
  /** The same if a brown-out lasts from its beginning on: producers that return earlier than told make it so. */
  drainAtBest: number;
  told: Told;
}

/** What the refused are told, in seconds. */
export interface Told {
  /** Retry-After of the first refusal; 0 if none is refused. */
  p50: number;
  p95: number;
  max: number;
  /** The longest time from a first request to its admission: above an hour it is told in parts. */
  longestWait: number;
  /** Images that wait for more than an hour. */
  beyondAnHour: number;
  /** Refusals of each image, on average over all images. */
  refusals: number;
}

export function paceOf(config: ResolvedConfig): Pace {
  const { maxConcurrency } = config.process;
  const work = workOf(config);
  return {
    whole: maxConcurrency / imageSeconds(work),
    inBrownOut: maxConcurrency / brownOutSeconds(work).now,
    gateway: config.deploy.requestsPerSecond,
  };
}

/**
 * The part of the capacity that equally busy tenants hold together: each has at most a = 4 times what is left
 * (lambda/policy/admission/threshold.ts), so n of them have n × a / (1 + n × a). One holds 80 %.
 */
export function heldPart(tenants: number): number {
  const reach = partOfOneTenant / (1 - partOfOneTenant);
  return (tenants * reach) / (1 + tenants * reach);
}

/**
 * The course of a campaign without a brown-out. Workers are never idle while images wait, so it ends when all images are
 * made, whatever was refused meanwhile. A brown-out shortens it, but those that were told to wait before it return as told.
 */
export function courseOf(config: ResolvedConfig, { ratePerSecond, seconds, tenants }: Offer): Course {
  const pace = paceOf(config);
  const images = Math.round(ratePerSecond * seconds);
  const rate = Math.min(ratePerSecond, pace.gateway);
  const offeredFor = images / rate;
  const last = imageSeconds(workOf(config));
  // While workers are started one after another, half of them work on average.
  const ramp = Math.max(0, config.process.maxConcurrency - lambdaScaling.first) / lambdaScaling.perSecond;
  const keepsUp = rate <= pace.whole;
  const held = heldPart(tenants) * config.admission.maxBacklogAge * pace.whole;
  // From the moment when `held` images wait, as many are admitted as are made.
  const admittedAtOnce = keepsUp ? images : Math.min(images, (held * rate) / (rate - pace.whole));
  const refused = images - admittedAtOnce;
  const allInSeconds = refused > 0 ? (images - held) / pace.whole : offeredFor;
  return {
    images,
    pace,
    keepsUp,
    held: Math.min(held, images),
    admittedAtOnce,
    allInSeconds,
    rampSeconds: ramp,
    drainSeconds: Math.max(offeredFor, images / pace.whole + ramp / 2) + last,
    drainAtBest:
      Math.max(offeredFor, ramp / 2 + (keepsUp ? 0 : inBrownOut(config, { images, rate, pace, held }))) +
      last,
    told: toldTo(refused, images, Math.max(0, allInSeconds - offeredFor)),
  };
}

/** The refused ask one after another and are admitted more slowly, so their waits grow evenly from 0 to the longest. */
function toldTo(refused: number, images: number, longestWait: number): Told {
  const hour = longestRetryAfterSeconds;
  const at = (part: number) => Math.min(hour, part * longestWait);
  const wholeHours = Math.floor(longestWait / hour);
  // The mean of the hours of a wait, rounded up: each full hour is one more refusal.
  const each =
    longestWait === 0
      ? 0
      : ((hour * wholeHours * (wholeHours + 1)) / 2 + (longestWait - wholeHours * hour) * (wholeHours + 1)) /
        longestWait;
  return {
    p50: at(0.5),
    p95: at(0.95),
    max: at(1),
    longestWait,
    beyondAnHour: longestWait > hour ? refused * (1 - hour / longestWait) : 0,
    refusals: (refused * each) / images,
  };
}

/** Seconds until all images are made, if a brown-out begins when the oldest one has waited long enough, and lasts. */
function inBrownOut(
  config: ResolvedConfig,
  { images, rate, pace, held }: { images: number; rate: number; pace: Pace; held: number },
): number {
  const { enabled, enterSeconds } = settingsOf(config, {}).brownOut;
  // Images are made more slowly than they come, so the oldest one grows older by the difference, up to the bound.
  const begins = enterSeconds / (1 - pace.whole / rate);
  const before = pace.whole * begins;
  if (!enabled || enterSeconds >= held / pace.whole || before >= images) return images / pace.whole;
  return begins + (images - before) / pace.inBrownOut;
}
