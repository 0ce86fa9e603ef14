/*
 * What a pipeline uses of AWS, idle and for one image. What could be measured was, on the local runner with the built
 * functions; times on Lambda are assumed longer, because nothing was run there. Each number says which it is.
 */

/** What an idle pipeline does, whatever its size. */
export const idle = {
  /** Lambda asks an empty queue with five pollers, each waiting 20 s for an answer. */
  pollers: 5,
  pollSeconds: 20,
  sweepsPerMinute: 1,
  /** Measured 0.04 s warm; with the distances between AWS's services and now and then a cold start. */
  sweepSeconds: 0.15,
  /** Bytes of log for a sweep: measured 640, with START, END and REPORT. */
  sweepLogBytes: 700,
  /** Enhanced monitoring writes the list of processes once a minute: assumed. */
  monitoringLogBytesPerMinute: 20_000,
  /** Flow logs, and those of Postgres, of a network that does nothing but sweep: assumed. */
  networkLogBytesPerMinute: 4_000,
} as const;

/** What one image uses: a photograph of 12 megapixels, by a ticket, to the six variants of the default presets. */
export const perImage = {
  /** The photograph of bench/imaging and its variants. */
  originalBytes: 3_000_000,
  variantBytes: 665_000,
  /** The ticket, and two looks at what became of it. */
  apiCalls: 3,
  /** Measured 0.003 s of processor for a ticket, of which 512 MB have 0.29: a mean with cold starts, assumed. */
  apiSeconds: 0.05,
  enqueueSeconds: 0.05,
  /** Measured 0.39 s of processor (bench/imaging) and 0.48 s in all on the local runner; assumed for a Graviton core. */
  processSeconds: 1,
  /** Beside a PUT for each variant: the POST of the client, and the list that finds the version that came first. */
  otherS3Puts: 2,
  s3Gets: 1,
  /** Sent, received and deleted, one at a time. */
  sqsRequests: 3,
  /** Measured 500 to 560 for an invocation of api, enqueue or process; 400 are the gateway's line for a call. */
  logBytesPerInvocation: 560,
  gatewayLogBytesPerCall: 400,
  /** Connections to Postgres, S3 and SQS, each seen by two interfaces: assumed. */
  flowLogBytes: 1_000,
  /** Measured: its row, those of its variants, and their indexes (docs/database.md). */
  databaseBytes: 2_300,
} as const;

/** Metrics of its own that API Gateway keeps for a method with detailed metrics: Count, 4XX, 5XX and two latencies. */
export const metricsPerMethod = 5;
/** Methods that see requests: creating, looking and listing. */
export const methodsInUse = 3;
