import { imageSecondsOnLambda } from '../rules/measured.ts';

/*
 * A pipeline's usage of AWS, idle and per image. Numbers were measured on the local runner with the built functions where
 * possible. Durations on Lambda are assumed to be longer, because nothing was run there. Comments mark assumptions.
 */

/** An idle pipeline, whatever its size. */
export const idle = {
  /** Lambda polls an empty queue with five pollers, each with long polls of 20 s. */
  pollers: 5,
  pollSeconds: 20,
  sweepsPerMinute: 1,
  /** Measured 0.04 s warm; the rest is for network latency on AWS and occasional cold starts. */
  sweepSeconds: 0.15,
  /** Log bytes of a sweep: measured 640, with START, END and REPORT. */
  sweepLogBytes: 700,
  /** Enhanced monitoring logs the process list once a minute: assumed. */
  monitoringLogBytesPerMinute: 20_000,
  /** Flow logs and Postgres logs with only the sweep running: assumed. */
  networkLogBytesPerMinute: 4_000,
} as const;

/** One image: a 12-megapixel photograph, uploaded with a ticket, with the six variants of the default presets. */
export const perImage = {
  /** The photograph of bench/imaging and its variants. */
  originalBytes: 3_000_000,
  variantBytes: 665_000,
  /** The ticket, and two status requests. */
  apiCalls: 3,
  /** Measured 0.003 s of CPU for a ticket; 512 MB give 0.29 of a vCPU. A mean with cold starts, assumed. */
  apiSeconds: 0.05,
  enqueueSeconds: 0.05,
  processSeconds: imageSecondsOnLambda,
  /** In addition to one PUT per variant: the client's POST, and the list that finds the first version. */
  otherS3Puts: 2,
  s3Gets: 1,
  /** Send, receive and delete, without batching. */
  sqsRequests: 3,
  /** Measured 500 to 560 for an invocation of api, enqueue or process, and 400 for the gateway's access log line. */
  logBytesPerInvocation: 560,
  gatewayLogBytesPerCall: 400,
  /** Connections to Postgres, S3 and SQS, each logged by two interfaces: assumed. */
  flowLogBytes: 1_000,
  /** Measured: the rows of the image and its variants, with indexes (docs/database.md). */
  databaseBytes: 2_300,
} as const;

/** Metrics of API Gateway for a method with detailed metrics: Count, 4XX, 5XX and two latencies. */
export const metricsPerMethod = 5;
/** Methods that receive requests: create, get and list. */
export const methodsInUse = 3;
