import type { ResolvedConfig } from '../config/schema.ts';
import { brownOutSeconds, imageSeconds, portion, workOf } from './image-seconds.ts';
import { variantBytes, variantCount } from './photograph.ts';

/*
 * A pipeline's usage of AWS, idle and per image. Numbers were measured on the local runner with the built functions where
 * possible. Durations on Lambda are assumed to be longer, because nothing was run there. Comments mark assumptions.
 */

/** An idle pipeline, whatever its size. */
export const idle = {
  /** Lambda polls each empty queue with five pollers, each with long polls of 20 s. */
  pollers: 5,
  pollSeconds: 20,
  /**
   * Of a function that runs at intervals. Measured 0.04 s for a warm sweep, assumed of the others too; the rest is for network
   * latency on AWS and occasional cold starts.
   */
  scheduledSeconds: 0.15,
  /** Log bytes of such a run: measured 640 of a sweep, with START, END and REPORT. */
  scheduledLogBytes: 700,
  /** Enhanced monitoring logs the process list once a minute: assumed. */
  monitoringLogBytesPerMinute: 20_000,
  /** Flow logs and Postgres logs with only these functions running: assumed. */
  networkLogBytesPerMinute: 4_000,
} as const;

/** How images come in: a ticket each, a hundred tickets in a request, or the image as the body of the request. */
export type Upload = 'ticket' | 'hundred' | 'body';

/** What a campaign adds to the usage of an image. */
export interface Circumstances {
  upload?: Upload;
  /** Responses of 429 or 503 that an image gets before it is admitted, on average. */
  refusals?: number;
  /** The part of the images that is made in a brown-out, and completed later. */
  inBrownOut?: number;
}

/** One image: a 12-megapixel photograph with the variants of the presets. */
export interface ImageUsage {
  originalBytes: number;
  variantBytes: number;
  variants: number;
  /** Requests, refused ones included, and the seconds of the function for all of them. */
  apiCalls: number;
  apiSeconds: number;
  /** Invocations of `enqueue`. */
  enqueued: number;
  /** Images that a worker takes, 1 or more: those of a brown-out are taken again. */
  taken: number;
  processSeconds: number;
  s3Puts: number;
  s3Gets: number;
  sqsRequests: number;
}

/** The photograph of bench/imaging. */
export const originalBytes = 3_000_000;
/** The ticket, and two status requests. */
const statusCalls = 2;
/** Measured 0.003 s of CPU for a ticket; 512 MB give 0.29 of a vCPU. A mean with cold starts, assumed. */
const callSeconds = 0.05;
/** CPU of one ticket of a hundred, of a single one: measured (bench/api). Assumed of a status of a hundred too. */
const ofHundred = 0.17;
/** Receiving 3 MB in base64, and a PUT of it: assumed. */
const bodySeconds = 0.2;
/** The client's POST, or the PUT of the API; and the list that finds the first version. Then a PUT a variant. */
const otherPuts = 2;
/** Send, receive and delete, without batching. */
const messageRequests = 3;

/** The usage of one image with this configuration. */
export function usageOf(
  config: Pick<ResolvedConfig, 'presets' | 'process'>,
  { upload = 'ticket', refusals = 0, inBrownOut = 0 }: Circumstances = {},
): ImageUsage {
  const { presets } = config;
  const work = workOf(config);
  const { now, later } = brownOutSeconds(work);
  const again = later === 0 ? 0 : inBrownOut;
  const variants = variantCount(presets);
  // A variant that is made with less effort is made anew later.
  const puts = variantCount(portion(presets, 'now')) + variantCount(portion(presets, 'later')) - variants;
  const calls = 1 + statusCalls;
  const share = upload === 'hundred' ? 1 / 100 : 1;
  return {
    originalBytes,
    variantBytes: variantBytes(presets),
    variants,
    apiCalls: (calls + refusals) * share,
    apiSeconds:
      (calls + refusals) * callSeconds * (upload === 'hundred' ? ofHundred : 1) +
      (upload === 'body' ? bodySeconds * (1 + refusals) : 0),
    enqueued: upload === 'body' ? 0 : 1,
    taken: 1 + again,
    processSeconds: (1 - inBrownOut) * imageSeconds(work) + inBrownOut * now + again * later,
    s3Puts: variants + otherPuts + again * (puts + 1),
    s3Gets: 1 + again,
    sqsRequests: messageRequests * (1 + again),
  };
}

/** What does not depend on the configuration. */
export const perImage = {
  /** Assumed; measured 0.03 on the local runner. */
  enqueueSeconds: 0.05,
  /** Measured 500 to 560 for an invocation of api, enqueue or process, and 400 for the gateway's access log line. */
  logBytesPerInvocation: 560,
  gatewayLogBytesPerCall: 400,
  /**
   * ECPUs of the counters, if each request leases for itself: two for its requests, two more for a ticket. A lease sends and
   * receives less than 1 kB, which is one ECPU; a script takes more of the processor than a GET, assumed five times as much.
   */
  cacheUnits: 4 * 5,
  /** Connections to Postgres, S3 and SQS, each logged by two interfaces: assumed. */
  flowLogBytes: 1_000,
  /** Measured: the rows of the image and its variants, with indexes (docs/database.md). */
  databaseBytes: 2_300,
  /** Responses of the API: a ticket, and a status with six URLs signed with a session token of 916 characters. Assumed. */
  responseBytes: 12_000,
} as const;

/** Metrics that the functions record themselves (lambda/runtime/metrics.ts), as CloudWatch bills them. */
export const ownMetrics = {
  /** EventsUnsent, EventsUnsentSeconds and OldestSnapshotSeconds, once a minute each. */
  idle: 3,
  /** ImagesAdmitted, ImagesEnded with two statuses, EventsSent, WebhookCalls, and RequestsRefused with five codes. */
  busy: 10,
  /** An image is admitted and ends, its two events are sent: a line of its own each. Measured 210 to 260 bytes. */
  bytesPerImage: 4 * 250,
} as const;

/** Metrics of API Gateway for a method with detailed metrics: Count, 4XX, 5XX and two latencies. */
export const metricsPerMethod = 5;
/** Methods that receive requests: create, get and list. */
export const methodsInUse = 3;
