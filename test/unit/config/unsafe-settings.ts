import type { SluiceConfig } from '../../../lib/config/schema.ts';

/** A setting that is refused, its nearest safe neighbour, and a part of the message. */
export interface UnsafeSetting {
  /** What would happen. */
  risk: string;
  unsafe: Partial<SluiceConfig>;
  safe: Partial<SluiceConfig>;
  says: string;
}

const mebi = 2 ** 20;
const owner = { user: 'owner', resourceId: 'db-A' };
const behindProxy = { host: 'h', name: 'n', roles: { auth: 'iam', resourceId: 'prx-A' } } as const;
const outsideVpc = { host: 'h', name: 'n', owner, roles: { auth: 'iam', resourceId: 'db-A' } } as const;
const tallies = { host: 'h', login: { auth: 'iam', user: 'api', cache: 'tallies' } } as const;
const pooled = { proxy: true, maxConnections: 100 };

/** One for each rule, from which docs/unsafe-settings.md is written. */
export const unsafeSettings: readonly UnsafeSetting[] = [
  {
    risk: 'more connections than the server has, by workers',
    unsafe: { process: { maxConcurrency: 33 } },
    safe: { process: { maxConcurrency: 32 } },
    says: 'process 33 (process.maxConcurrency) + api 40 (2 × api.maxConcurrency 20) + export 2 + exportjob 1 + sweep 2 + relay 2 + dispatch 2 + analytics 2 + audit 2 + migrate 1 + operate 1 + reserve 10 + superuser 3 = 101',
  },
  {
    risk: 'more transactions than the proxy’s pool has connections',
    unsafe: { database: { ...pooled, reserve: 41 }, process: { maxConcurrency: 800 } },
    safe: { database: { ...pooled, reserve: 40 }, process: { maxConcurrency: 800 } },
    says: 'process 22 (process.maxConcurrency 800 × 3.2 ms of 480 ms × 4) + api 20 (api.maxConcurrency) + export 2 + exportjob 1 + sweep 2 + relay 2 + dispatch 2 + analytics 2 + audit 2 + operate 1 = 56 transactions at once, but 55 %',
  },
  {
    risk: 'no connection left for people',
    unsafe: { database: { reserve: 2 } },
    safe: { database: { reserve: 3 } },
    says: 'psql 1 + pg_dump 1 + monitoring 1 = 3 > 2',
  },
  {
    risk: 'a server without memory for its connections',
    unsafe: { database: { maxConnections: 188 } },
    safe: { database: { maxConnections: 187 } },
    says: 't4g.small has 2 GiB, enough for 187 connections (95 % less 240 MiB, 9.1 MiB each), but database.maxConnections is 188',
  },
  {
    risk: 'Aurora without the capacity for its connections',
    unsafe: { database: { engine: 'aurora-serverless', capacity: { max: 1 }, maxConnections: 190 } },
    safe: { database: { engine: 'aurora-serverless', capacity: { max: 1 }, maxConnections: 189 } },
    says: 'Aurora gives 189 connections at a maximum of 1 units',
  },
  {
    risk: 'Aurora that starts too small for its connections',
    unsafe: { database: { engine: 'aurora-serverless', capacity: { max: 64 }, maxConnections: 2001 } },
    safe: { database: { engine: 'aurora-serverless', capacity: { max: 64 }, maxConnections: 2000 } },
    says: 'Aurora gives 2000 connections at a minimum of 0.5 units',
  },
  {
    risk: 'storage that cannot grow',
    unsafe: { database: { maxStorageGb: 25 } },
    safe: { database: { maxStorageGb: 26 } },
    says: 'Storage of 20 GB (database.storageGb) cannot grow to 25: set 26 or more',
  },
  {
    risk: 'migrations through a proxy, which pins their session',
    unsafe: { database: { connection: { ...behindProxy, owner } } },
    safe: { database: { connection: { ...behindProxy, owner: { ...owner, host: 'server' } } } },
    says: 'is required with a proxy (prx-…)',
  },
  {
    risk: 'a message delivered again while it is processed',
    unsafe: { process: { visibilityTimeoutSeconds: 359 } },
    safe: { process: { visibilityTimeoutSeconds: 360 } },
    says: '6 × 60 + 0 = 360 > 359',
  },
  {
    risk: 'a batch that never ends in time',
    unsafe: { process: { batchSize: 10, timeoutSeconds: 6 } },
    safe: { process: { batchSize: 10, timeoutSeconds: 7 } },
    says: '10 (process.batchSize) × 0.48 s = 4.8 s > 4.5 s',
  },
  {
    risk: 'healthy messages in the dead-letter queue after an outage of half an hour',
    unsafe: { process: { maxReceiveCount: 35 } },
    safe: { process: { maxReceiveCount: 36 } },
    says: 'an outage of 1800 s takes 31, and process.maxAttempts 5 more: 31 + 5 = 36 > 35',
  },
  {
    risk: 'messages hidden for so long that they are deleted before their last attempt',
    unsafe: { process: { visibilityTimeoutSeconds: 9_601 } },
    safe: { process: { visibilityTimeoutSeconds: 9_600 } },
    says: '36 × 9601 s = 345636 s > 345600 s (4 days of retention)',
  },
  {
    risk: 'messages deleted before they reach the dead-letter queue',
    unsafe: { process: { maxReceiveCount: 961 } },
    safe: { process: { maxReceiveCount: 960 } },
    says: '961 × 360 s of visibility timeout = 345960 s > 345600 s (4 days of retention)',
  },
  {
    risk: 'a function that works for a request that the gateway has ended',
    unsafe: { api: { timeoutSeconds: 30 } },
    safe: { api: { timeoutSeconds: 29 } },
    says: '30 > 29',
  },
  {
    risk: 'a function that ends while it waits for Postgres',
    unsafe: { api: { timeoutSeconds: 11 } },
    safe: { api: { timeoutSeconds: 12 } },
    says: 'connect 5 + statement 5 + answer 2 = 12 s > 11',
  },
  {
    risk: 'requests admitted by the gateway and throttled by Lambda',
    unsafe: { deploy: { requestsPerSecond: 1033 } },
    safe: { deploy: { requestsPerSecond: 1032 } },
    says: '20 (api.maxConcurrency) / 0.0194 s = 1032 a second < 1033',
  },
  {
    risk: 'a longest wait that no worker can meet',
    unsafe: { admission: { maxBacklogAge: 4.9 } },
    safe: { admission: { maxBacklogAge: 5 } },
    says: 'a batch alone takes 4 (process.batchSize) × 1 s + 0 s (process.batchWindowSeconds) = 4 s > 80 % of 4.9 s',
  },
  {
    risk: 'uploads that wait for longer than they are counted',
    unsafe: { admission: { maxBacklogAge: '1201 seconds' } },
    safe: { admission: { maxBacklogAge: '20 minutes' } },
    says: '1201 s > 900 (uploads.ticketSeconds) + 300 s = 1200 s',
  },
  {
    risk: 'upload events dropped before they are queued',
    unsafe: {
      admission: { maxBacklogAge: 18_001 },
      uploads: { ticketSeconds: 18_000 },
      process: { maxConcurrency: 40 },
      database: { maxConnections: 108 },
      enqueue: { maxConcurrency: 1 },
    },
    safe: {
      admission: { maxBacklogAge: 18_000 },
      uploads: { ticketSeconds: 18_000 },
      process: { maxConcurrency: 40 },
      database: { maxConnections: 108 },
      enqueue: { maxConcurrency: 1 },
    },
    says: '18001 s × 40 (process.maxConcurrency) / 1 s = 720040 images × 0.03 s / 1 (enqueue.maxConcurrency) = 21602 s > 21600 s',
  },
  {
    risk: 'a quota that no image fits',
    unsafe: { plans: { pro: { quotas: { bytes: { perDay: 26_214_399 } } } } },
    safe: { plans: { pro: { quotas: { bytes: { perDay: 26_214_400 } } } } },
    says: 'plans.pro.quotas.bytes.perDay: One request can need 26214400 bytes: 26214399 < 26214400',
  },
  {
    risk: 'a burst that no image fits',
    unsafe: { plans: { pro: { quotas: { megapixels: { perSecond: 10, burst: 63 } } } } },
    safe: { plans: { pro: { quotas: { megapixels: { perSecond: 10, burst: 64 } } } } },
    says: 'plans.pro.quotas.megapixels.burst: One request can need 64 megapixels: 63 < 64',
  },
  {
    risk: 'a quota of a day that its month never allows',
    unsafe: { plans: { default: { quotas: { images: { perDay: 11, perMonth: 10 } } } } },
    safe: { plans: { default: { quotas: { images: { perDay: 10, perMonth: 10 } } } } },
    says: '11 > 10 (quotas.images.perMonth)',
  },
  {
    risk: 'two images for one repeated request',
    unsafe: { retention: { idempotencySeconds: 1199 } },
    safe: { retention: { idempotencySeconds: 1200 } },
    says: 'uploads.ticketSeconds 900 + 300 s for an upload in progress = 1200 > 1199',
  },
  {
    risk: 'originals deleted while they wait',
    unsafe: { retention: { originalsDays: 4 } },
    safe: { retention: { originalsDays: 5 } },
    says: 'it keeps jobs for 4 days ≥ 4. At least 5',
  },
  {
    risk: 'failed images deleted before their messages',
    unsafe: { retention: { rows: { failedDays: 14 } } },
    safe: { retention: { rows: { failedDays: 15 } } },
    says: '14 days ≥ 14. At least 15',
  },
  {
    risk: 'URLs that end with the session of their role',
    unsafe: { uploads: { downloadSeconds: 20_701 } },
    safe: { uploads: { downloadSeconds: 20_700 } },
    says: '6 × 3600 − 900 = 20700 s',
  },
  {
    risk: 'uploads that Lambda refuses',
    unsafe: { uploads: { maxDirectBytes: 4 * mebi + 1 } },
    safe: { uploads: { maxDirectBytes: 4 * mebi } },
    says: '4194304 bytes, which are 5592408 in base64',
  },
  {
    risk: 'a decoder killed for the memory of a variant',
    unsafe: { presets: { huge: { width: 6000, height: 6000 } }, limits: { decodeTimeoutMs: 60_000 } },
    safe: {
      presets: { huge: { width: 6000, height: 6000 } },
      limits: { decodeTimeoutMs: 60_000 },
      process: { memoryMb: 3072 },
    },
    says: 'but the decoder has 1061 MB (0.6 of process.memoryMb 1769)',
  },
  {
    risk: 'a decoder killed for the memory of an original',
    unsafe: { limits: { maxPixelsJpeg: 150_000_000 } },
    safe: { limits: { maxPixelsJpeg: 64_000_000 } },
    says: 'To read 150000000 pixels of jpeg can take',
  },
  {
    risk: 'a decoder killed for the memory of an animation',
    unsafe: { limits: { maxFramePixels: 80_000_000, decodeTimeoutMs: 40_000 } },
    safe: { limits: { maxFramePixels: 40_000_000, decodeTimeoutMs: 40_000 } },
    says: 'An animation of 80000000 pixels',
  },
  {
    risk: 'a decoder killed for its time',
    unsafe: { presets: { slow: { width: 1600, height: 1600, formats: ['avif'], effort: { avif: 4 } } } },
    safe: { presets: { slow: { width: 1600, height: 1600, formats: ['avif'], effort: { avif: 0 } } } },
    says: 'but it has 20.0 s (limits.decodeTimeoutMs 20000',
  },
  {
    risk: 'a worker without memory for the originals in flight',
    unsafe: { process: { jobsInFlight: 10 }, limits: { maxBytes: 100 * mebi } },
    safe: { process: { jobsInFlight: 2 }, limits: { maxBytes: 100 * mebi } },
    says: '10 (process.jobsInFlight) × 100 MB (limits.maxBytes)',
  },
  {
    risk: 'a cache that the functions cannot reach',
    unsafe: { counters: { store: 'valkey' }, database: { connection: outsideVpc } },
    safe: { counters: { store: 'postgres' }, database: { connection: outsideVpc } },
    says: 'a cache is reachable from a VPC only',
  },
  {
    risk: 'a login to the counters that anyone on the way can read',
    unsafe: { counters: { store: 'valkey', connection: { ...tallies, tls: 'off' } } },
    safe: { counters: { store: 'valkey', connection: tallies } },
    says: 'a login needs TLS',
  },
];
