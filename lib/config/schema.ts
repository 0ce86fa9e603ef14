import { z } from 'zod';
import { longestDownloadSeconds, signingFloorSeconds } from '../../lambda/domain/signing.ts';
import { counters } from './counters.ts';
import { databaseConnection, deployment, ownDatabase } from './deployment.ts';
import { duration } from './duration.ts';
import { kafka } from './kafka.ts';
import { inputs, limits, pictureName, placeholder, preset, watermark } from './pictures.ts';
import { plans } from './plans.ts';

/* The schema of sluice.config.ts. Every object is strict, so that a misspelt name is an error and not a silent default. */

/** A lifetime of signed URLs, in seconds. A function's signature expires with its role's session. */
const signed = (least: number) =>
  z
    .int()
    .min(least)
    .max(
      longestDownloadSeconds,
      `no signature is sure to live longer than 6 × 3600 − ${signingFloorSeconds} = ${longestDownloadSeconds} s, because it ends with the session of the role that made it`,
    );
const mostDirectBytes = 4 * 1024 ** 2;
const mostDirect =
  `at most ${mostDirectBytes} bytes, which are ${4 * Math.ceil(mostDirectBytes / 3)} in base64: Lambda accepts 6,000,000 ` +
  'with the headers';

export const configSchema = z.strictObject({
  presets: z
    .record(pictureName, preset)
    .refine((all) => Object.keys(all).length > 0, { error: 'needs at least one preset' }),
  watermarks: z.record(pictureName, watermark).default({}),
  limits: limits.prefault({}),
  inputs: inputs.prefault({}),
  placeholder,
  uploads: z
    .strictObject({
      ticketSeconds: signed(60).default(900),
      /** Lambda's limit is 6 MB with the body in base64 (4/3): 4 MiB become 5.6 MB, which leaves room for headers. */
      maxDirectBytes: z.int().min(1).max(mostDirectBytes, mostDirect).default(mostDirectBytes),
      downloadSeconds: signed(900).default(3_600),
    })
    .prefault({}),
  database: z
    .strictObject({
      /** The server's `max_connections`. */
      maxConnections: z.int().min(10).max(100_000).default(100),
      /** Connections kept free for people, your own migrations and monitoring. */
      reserve: z.int().min(0).default(10),
      /** An existing Postgres to use on AWS. If absent, the deployment creates one. */
      connection: databaseConnection.optional(),
      ...ownDatabase,
    })
    .prefault({}),
  api: z
    .strictObject({
      /** Reserved concurrency of the API function; each environment keeps one connection. Default: solve.ts. */
      maxConcurrency: z.int().min(1).max(1000).optional(),
      memoryMb: z.int().min(128).max(10_240).default(512),
      /** Default: the longest waits for the database, and the response. */
      timeoutSeconds: z.int().min(1).optional(),
    })
    .prefault({}),
  enqueue: z
    .strictObject({
      /**
       * Reserved concurrency of the function that receives upload events. If absent, it uses the account's unreserved
       * concurrency; 50,000 uploads a minute need 25 concurrent executions.
       */
      maxConcurrency: z.int().min(1).max(1000).optional(),
    })
    .prefault({}),
  process: z
    .strictObject({
      /**
       * The cap: MaximumConcurrency of the event source mapping (AWS allows 2-1000) and reserved concurrency. Default:
       * solve.ts.
       */
      maxConcurrency: z.int().min(2).max(1000).optional(),
      /** Default: as many as it takes to fill 32 places with the cap, or half of the cap. */
      batchSize: z.int().min(1).max(10).optional(),
      batchWindowSeconds: z.int().min(0).max(300).default(0),
      /** Default: two decodes at their time limit, or a batch. */
      timeoutSeconds: z.int().min(5).max(900).optional(),
      /** Lambda gives one full vCPU at 1769 MB. */
      memoryMb: z.int().min(512).max(10_240).default(1769),
      /** Three jobs in flight saturate two cores; more only keep more originals in memory. */
      jobsInFlight: z.int().min(1).max(10).default(3),
      /** Starts a new sandbox (110 ms of CPU) whenever the tenant changes, so that none processes images of two tenants. */
      decoderPerTenant: z.boolean().default(false),
      /** Counted failures before an image ends as failed and its message goes to the DLQ. */
      maxAttempts: z.int().min(1).max(50).default(5),
      /** Seconds that a received message stays hidden. Default: 6 × timeout + batch window, as AWS recommends. */
      visibilityTimeoutSeconds: z.int().min(1).max(43_200).optional(),
      /** Receives also count during an outage. Default: those of eleven hours, and the attempts. */
      maxReceiveCount: z.int().min(1).max(1000).optional(),
    })
    .prefault({}),
  admission: z
    .strictObject({
      /** The longest that an admitted image should wait. How many images that are follows from the measured drain. */
      maxBacklogAge: duration.default(900),
      maxBacklog: z
        .never({ error: 'is now a time: set maxBacklogAge to the longest wait, such as "15 minutes"' })
        .optional(),
    })
    .prefault({}),
  plans: plans.default({}),
  counters: counters.prefault({}),
  brownOut: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** Age of the oldest waiting work at which it begins. Default: half of `admission.maxBacklogAge`. */
      enterSeconds: z.int().min(2).max(43_200).optional(),
      /** The age at which it ends. Default: half of that at which it begins. */
      leaveSeconds: z.int().min(1).max(43_200).optional(),
    })
    .refine(
      ({ enterSeconds, leaveSeconds = 0 }) => enterSeconds === undefined || leaveSeconds < enterSeconds,
      {
        error: 'must be less than enterSeconds',
        path: ['leaveSeconds'],
      },
    )
    .prefault({}),
  webhooks: z
    .strictObject({
      /** Endpoints that a tenant may have. */
      endpointsPerTenant: z.int().min(1).max(100).default(10),
      /** Requests to one endpoint that may be out at once; one while it fails. */
      inFlightPerEndpoint: z.int().min(1).max(100).default(10),
      /** Executions of `deliver`, each with up to ten requests: MaximumConcurrency of its event source mapping (2-1000). */
      maxConcurrency: z.int().min(2).max(1000).default(10),
      /** Days that deliveries, dead ones included, are kept after they ended. */
      keepDays: z.int().min(1).max(90).default(14),
      /** Allows endpoints with private addresses, for development. A deployment refuses it. */
      allowPrivate: z.boolean().default(false),
    })
    .prefault({}),
  retention: z
    .strictObject({
      idempotencySeconds: z.int().min(60).default(86_400),
      /** Days that the file of an export is kept. */
      exportDays: z.int().min(1).max(30).default(7),
      /** Retention of originals and variants in days. If absent, they are kept until DELETE. */
      originalsDays: z.int().min(1).optional(),
      variantsDays: z.int().min(1).optional(),
      /**
       * Days until the objects and rows of images in a final status are deleted. At least one day, which exceeds the life
       * of every ticket.
       */
      rows: z
        .strictObject({
          expiredDays: z.int().min(1).default(1),
          supersededDays: z.int().min(1).default(1),
          rejectedDays: z.int().min(1).default(30),
          failedDays: z.int().min(1).default(30),
          readyDays: z.int().min(1).optional(),
        })
        .prefault({}),
    })
    .prefault({}),
  events: z
    .strictObject({
      /** Days for which the API shows the events of an image, once they are sent. */
      keepDays: z.int().min(1).max(3_650).default(7),
      /** On AWS: an event bus of the pipeline's own, which keeps events for this long, to be replayed. `false`: none. */
      eventBridge: z
        .union([z.literal(false), z.strictObject({ archiveDays: z.int().min(1).max(3_650).default(30) })])
        .prefault({}),
      /** A topic for the events, and the consumers that read it. */
      kafka: kafka.optional(),
    })
    .prefault({}),
  deploy: deployment.prefault({}),
});

/** The content of sluice.config.ts; everything with a default is optional. */
export interface SluiceConfig extends z.input<typeof configSchema> {
  /** Overrides by stage: `dev`, `prod`, `localstack` or one of your own. */
  stages?: Record<string, StageChanges>;
}
/** Overrides for any section. */
export interface StageChanges extends Partial<z.input<typeof configSchema>> {}
/** A valid configuration in which the solver has not yet filled in what is not set. */
export interface ParsedConfig extends z.output<typeof configSchema> {}
/** The configuration with all defaults applied. */
export interface ResolvedConfig extends Omit<ParsedConfig, keyof Solved>, Solved {}

/** Settings that the solver derives from the others if they are not set. */
interface Solved {
  api: ParsedConfig['api'] & Record<'maxConcurrency' | 'timeoutSeconds', number>;
  process: ParsedConfig['process'] &
    Record<'maxConcurrency' | 'batchSize' | 'timeoutSeconds' | 'maxReceiveCount', number>;
  deploy: ParsedConfig['deploy'] & Record<'requestsPerSecond', number>;
}
