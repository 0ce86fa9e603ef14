import { z } from 'zod';
import { longestDownloadSeconds } from '../../lambda/domain/signing.ts';
import { databaseConnection, deployment, ownDatabase } from './deployment.ts';
import { byteLimit, inputs, limits, pictureName, placeholder, preset, watermark } from './pictures.ts';

/* The schema of sluice.config.ts. Every object is strict, so that a misspelt name is an error and not a silent default. */

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
      ticketSeconds: z.int().min(60).max(longestDownloadSeconds).default(900),
      /** Lambda's limit is 6 MB with the body in base64 (4/3): 4 MiB become 5.6 MB, which leaves room for headers. */
      maxDirectBytes: byteLimit(4, 4),
      /** A function's signature expires with its role's session, so no longer lifetime can be guaranteed. */
      downloadSeconds: z.int().min(900).max(longestDownloadSeconds).default(3_600),
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
      /** Reserved concurrency of the API function; each environment keeps one connection. */
      maxConcurrency: z.int().min(1).max(1000).default(20),
      memoryMb: z.int().min(128).max(10_240).default(512),
      timeoutSeconds: z.int().min(1).max(29).default(15),
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
      /** The cap: MaximumConcurrency of the event source mapping (AWS allows 2-1000) and reserved concurrency. */
      maxConcurrency: z.int().min(2).max(1000).default(8),
      batchSize: z.int().min(1).max(10).default(10),
      batchWindowSeconds: z.int().min(0).max(300).default(0),
      timeoutSeconds: z.int().min(5).max(900).default(60),
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
      /** Receives also count during an outage, so keep this at 10 or more. */
      maxReceiveCount: z.int().min(10).max(1000).default(100),
    })
    .prefault({}),
  admission: z.strictObject({ maxBacklog: z.int().min(1).default(50_000) }).prefault({}),
  retention: z
    .strictObject({
      idempotencySeconds: z.int().min(60).default(86_400),
      /** Retention of originals and variants in days. If absent, they are kept until DELETE. */
      originalsDays: z.int().min(1).optional(),
      variantsDays: z.int().min(1).optional(),
      /**
       * Days until the objects and rows of images in a final status are deleted. At least one day, which exceeds the life
       * of every ticket. A failed image outlives its message in the dead-letter queue (14 days), which may be redriven.
       */
      rows: z
        .strictObject({
          expiredDays: z.int().min(1).default(1),
          rejectedDays: z.int().min(1).default(30),
          failedDays: z.int().min(15).default(30),
          readyDays: z.int().min(1).optional(),
        })
        .prefault({}),
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
/** The configuration with all defaults applied. */
export interface ResolvedConfig extends z.output<typeof configSchema> {}
