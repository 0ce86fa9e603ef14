import { z } from 'zod';
import { longestDownloadSeconds } from '../../lambda/domain/signing.ts';
import { databaseConnection, deployment, ownDatabase } from './deployment.ts';
import { inputs, limits, pictureName, placeholder, preset, watermark } from './pictures.ts';

/*
 * The schema of sluice.config.ts. Every object is strict, so that a misspelt name is a mistake with a path
 * and not a default in disguise.
 */

const mebi = 1024 * 1024;

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
      /** Lambda takes 6 MB with the body in base64 (4/3): 4 MiB become 5.6 MB and leave room for headers. */
      maxDirectBytes: z
        .int()
        .min(1)
        .max(4 * mebi)
        .default(4 * mebi),
      /** Longer no signature of a function is sure to be good: it ends with the session of its role. */
      downloadSeconds: z.int().min(900).max(longestDownloadSeconds).default(3_600),
    })
    .prefault({}),
  database: z
    .strictObject({
      /** What the server allows, `max_connections`. */
      maxConnections: z.int().min(10).max(100_000).default(100),
      /** Kept free for people, migrations of your own and monitoring. */
      reserve: z.int().min(0).default(10),
      /** An existing Postgres to use on AWS; absent: the deployment brings its own. */
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
       * Reserved concurrency of the function that upload events go to. Absent: it takes part in what the account
       * leaves unreserved; 50,000 uploads a minute are 25 executions at once.
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
      /** 1769 MB is one whole processor on Lambda. */
      memoryMb: z.int().min(512).max(10_240).default(1769),
      /** Three jobs in flight fill two cores; more only hold more originals in memory. */
      jobsInFlight: z.int().min(1).max(10).default(3),
      /** A new sandbox (110 ms of CPU) whenever the tenant changes: none ever sees the images of two. */
      decoderPerTenant: z.boolean().default(false),
      /** Counted failures before an image ends as failed and its message is left to the DLQ. */
      maxAttempts: z.int().min(1).max(50).default(5),
      /** Seconds a received message stays hidden; by default 6 × timeout + batch window, AWS's own advice. */
      visibilityTimeoutSeconds: z.int().min(1).max(43_200).optional(),
      /** In a long outage every receive counts although nobody is to blame: keep it at 10 or more. */
      maxReceiveCount: z.int().min(10).max(1000).default(100),
    })
    .prefault({}),
  admission: z.strictObject({ maxBacklog: z.int().min(1).default(50_000) }).prefault({}),
  retention: z
    .strictObject({
      idempotencySeconds: z.int().min(60).default(86_400),
      /** Originals and variants, in days; absent keeps them until DELETE. */
      originalsDays: z.int().min(1).optional(),
      variantsDays: z.int().min(1).optional(),
      /**
       * Images that came to their end, in days: then their objects go, and their rows. At least one, which no ticket
       * outlives. A failed one is kept for longer than its message in the dead-letter queue (14 days), which may be
       * sent back.
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

/** What a person writes in sluice.config.ts: everything with a default may be left out. */
export interface SluiceConfig extends z.input<typeof configSchema> {
  /** What is different in a stage: `dev`, `prod`, `localstack` or one of your own. */
  stages?: Record<string, StageChanges>;
}
/** Fields of any section. */
export interface StageChanges extends Partial<z.input<typeof configSchema>> {}
/** The whole configuration with every default filled in. */
export interface ResolvedConfig extends z.output<typeof configSchema> {}
