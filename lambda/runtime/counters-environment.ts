import * as z from 'zod/mini';
import { part } from './environment.ts';

/**
 * Where the use of quotas is counted. Without COUNTERS_HOST it is Postgres. A host that begins with `/` is a Unix socket.
 * `iam` signs a token (ElastiCache) for COUNTERS_USER of COUNTERS_CACHE; `password` takes COUNTERS_PASSWORD, or `password`
 * in the JSON of COUNTERS_SECRET_ARN.
 */
export const countersEnvironment = z.object({
  COUNTERS_HOST: z.optional(z.string().check(z.minLength(1))),
  COUNTERS_PORT: z._default(z.coerce.number<string>().check(z.int(), z.gte(1), z.lte(65_535)), 6379),
  COUNTERS_TLS: z._default(z.enum(['verify', 'off']), 'verify'),
  COUNTERS_AUTH: z._default(z.enum(['iam', 'password', 'none']), 'none'),
  COUNTERS_USER: z.optional(z.string().check(z.minLength(1))),
  COUNTERS_CACHE: z.optional(z.string().check(z.minLength(1))),
  COUNTERS_SERVERLESS: z._default(z.enum(['yes', 'no']), 'no'),
  COUNTERS_PASSWORD: z.optional(z.string()),
  COUNTERS_SECRET_ARN: z.optional(z.string()),
  /** Of requests while the server is away: `refuse` them with 503, or `admit` them uncounted. */
  COUNTERS_WHEN_AWAY: z._default(z.enum(['refuse', 'admit']), 'refuse'),
});
export type CountersEnvironment = z.output<typeof countersEnvironment>;

export const counters = part('counters', countersEnvironment);
