/*
 * The design that everyone starts with: API, queue, function and Postgres, put together from the defaults. Each number is
 * AWS's or the driver's default, or the least that makes a job of this length work at all; where a choice was free, it is the
 * kinder one. Pages: [scaling] docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html, [with-sqs] …/with-sqs.html,
 * [configure] …/services-sqs-configure.html, [retry] …/services-sqs-errorhandling.html,
 * [receive] docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html.
 */
export interface PlainSettings {
  /** Times in seconds. */
  phases: {
    quiet: number;
    flood: number;
    deployAfter: number;
    restartAfter: number;
    away: number;
    atMost: number;
  };
  quietPerSecond: number;
  floodPerSecond: number;
  jobSeconds: number;
  visibilitySeconds: number;
  timeoutSeconds: number;
  mapping: { least: number; most: number; perSecond: number };
}

/**
 * One image an execution. The default of an SQS event source is 10 [configure], but a failed execution then fails the nine images beside
 * its own, so that who has long jobs sets 1. It is the kinder one: it burns receives of nothing else.
 */
export const batchSize = 1;
/** Messages of one ReceiveMessage at most [receive]. Each starts an execution of its own. */
export const receiveSize = 10;
/** What tutorials use (AWS advises at least 5). */
export const maxReceiveCount = 3;
/** One connection for each execution; Postgres keeps 3 of its connections for superusers. */
export const maxConnections = 100;
/** Duplicates: SQS and S3 deliver at least once. Poison: images whose decode fails. */
export const duplicates = 0.05;
export const poison = 0.01;
/** Polling SQS, invoking the function, TCP and TLS: what an execution that fails at once takes. Assumed; less burns faster. */
export const invokeSeconds = 0.1;
/** Two instances for availability, each with node-postgres's pool of 10 connections (its default). */
export const apiInstances = 2;
/** For so long instances of the version before a deploy finish their requests. ECS gives them 30 s. */
export const oldVersionSeconds = 30;
/** Bounds the run's length, where the machine is so slow that Sluice's job took longer. */
const longestJobSeconds = 2;
/** The run is to have so many executions at once, each a client of Postgres; the report says if it had fewer. */
export const executionsMeant = 800;
/** A client that gets a 500 without Retry-After asks again after a second, and gives up after three requests. */
export const repeats = { most: 3, afterSeconds: 1 };
export const tenants = 10;
export const loud = 't0';

/**
 * The queue's VisibilityTimeout is SQS's default of 30 s. The function's default timeout of 3 s is too short for a large
 * image, and Lambda refuses a timeout above the queue's visibility timeout [configure], so it is 30 s too. A quick run
 * divides these times, and that of a job, by three.
 *
 * The mapping starts with 5 executions and adds up to 300 a minute, to at most 1,000 [scaling], which it has after 200 s. A campaign
 * lasts minutes, this flood 20 s, so that the ramp is twenty times as steep: it ends in the middle of the flood, as in a
 * campaign of seven minutes. The collapse begins with the 98th execution, and does not wait for the others. AWS says that the
 * mapping slows down on errors, not by how much: `backOff` of the mapping is one reading.
 */
export function plainSettings(quick: boolean, jobSeconds: number): PlainSettings {
  const part = quick ? 3 : 1;
  return {
    phases: quick
      ? { quiet: 2, flood: 7, deployAfter: 3, restartAfter: 10, away: 7, atMost: 40 }
      : { quiet: 10, flood: 20, deployAfter: 10, restartAfter: 30, away: 20, atMost: 170 },
    quietPerSecond: 50 / 60,
    floodPerSecond: 50_000 / 60,
    jobSeconds: Math.min(jobSeconds, longestJobSeconds) / part,
    visibilitySeconds: 30 / part,
    timeoutSeconds: 30 / part,
    mapping: { least: 5, most: 1_000, perSecond: 100 * part },
  };
}
