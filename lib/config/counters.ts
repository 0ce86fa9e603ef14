import { z } from 'zod';

const arn = z.string().regex(/^arn:[a-z-]+:/, 'must be an ARN');

/** An existing Valkey or Redis server, version 7 or later. Scripts in Lua must be allowed. */
const countersConnection = z.strictObject({
  /** Name or address; of a cluster the one whose primary owns all slots, as that of ElastiCache Serverless. */
  host: z.string().min(1),
  port: z.int().min(1).max(65_535).default(6379),
  /** `off` is for a server in the same private network. */
  tls: z.enum(['verify', 'off']).default('verify'),
  login: z.discriminatedUnion('auth', [
    z.strictObject({
      auth: z.literal('iam'),
      /** The user's id, which is also its name. */
      user: z.string().min(1),
      /** Name of the ElastiCache cache, in lower case: it is part of what is signed. */
      cache: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, "must be a cache's name in lower case"),
      serverless: z.boolean().default(true),
    }),
    z.strictObject({
      auth: z.literal('password'),
      /** Default: the server's default user. */
      user: z.string().min(1).optional(),
      /** JSON with a field `password`. */
      secretArn: arn,
    }),
    z.strictObject({ auth: z.literal('none') }),
  ]),
  /** The server's group, to which the ingress rule is added. If absent, add the rule yourself. */
  securityGroupId: z.string().regex(/^sg-/, 'must be the id of a security group, sg-…').optional(),
});
export type CountersConnection = z.output<typeof countersConnection>;

/** Where the use of quotas is counted. */
export const counters = z
  .strictObject({
    /** `valkey` for tenants with more requests than their row in Postgres can take; docs/architecture.md has the numbers. */
    store: z.enum(['postgres', 'valkey']).default('postgres'),
    /** Of requests of tenants with quotas while Valkey does not respond: 503, or admitted without being counted. */
    whenAway: z.enum(['refuse', 'admit']).default('refuse'),
    /** An existing server. If absent, `valkey` creates an ElastiCache Serverless cache. */
    connection: countersConnection.optional(),
    /** Limits of a cache that the deployment creates, which also bound its cost: gigabytes and ECPUs a second. */
    maxStorageGb: z.int().min(1).max(5_000).default(1),
    maxEcpuPerSecond: z.int().min(1_000).max(15_000_000).default(30_000),
  })
  .refine(({ store, connection }) => store === 'valkey' || connection === undefined, {
    error: "is only used with store: 'valkey'",
    path: ['connection'],
  })
  .refine(({ connection }) => connection?.tls !== 'off' || connection.login.auth === 'none', {
    error: 'a login needs TLS, or its password or token is readable on the way',
    path: ['connection', 'tls'],
  });

/** True if the deployment creates a cache. */
export function hasCache({ store, connection }: z.output<typeof counters>): boolean {
  return store === 'valkey' && connection === undefined;
}

/** Rights of the API's user, as an ACL: what the scripts of lambda/valkey call, on their own keys. */
export const countersRights =
  'on ~sluice:* resetchannels -@all +evalsha +eval +hmget +hset +exists +expire +time';
