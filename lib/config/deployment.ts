import { z } from 'zod';

/* The sections of sluice.config.ts that only a deployment to AWS reads; the local runner brings its own database and bucket. */

/** A stage's name, part of the stack names and of the API's URL. */
export const stageName = z
  .string()
  .regex(/^[a-z][a-z0-9]{0,11}$/, 'must be 1-12 of a-z and 0-9, beginning with a letter');

const arn = z.string().regex(/^arn:[a-z-]+:/, 'must be an ARN');
const securityGroup = z.string().regex(/^sg-/, 'must be the id of a security group, sg-…');

/** An existing Postgres: its address, and how the functions log in. */
export const databaseConnection = z
  .strictObject({
    host: z.string().min(1),
    port: z.int().min(1).max(65_535).default(5432),
    name: z.string().min(1),
    /** `off` is for a server on the same host as the functions. */
    tls: z.enum(['verify', 'off']).default('verify'),
    /**
     * Runs the migrations. Must be able to create roles and tables, and to grant `rds_iam` if the roles log in by IAM. If
     * `host` above is a proxy, set `host` here to the server: migrations bypass the proxy.
     */
    owner: z
      .strictObject({
        user: z.string().min(1),
        /** Login by IAM: the server's RDS resource id. */
        resourceId: z
          .string()
          .regex(/^(db|cluster)-/, 'must be db-… or cluster-…')
          .optional(),
        /** Login by password: a secret with JSON that has a field `password`. */
        secretArn: arn.optional(),
        host: z.string().min(1).optional(),
        port: z.int().min(1).max(65_535).optional(),
      })
      .refine(({ resourceId, secretArn }) => (resourceId === undefined) !== (secretArn === undefined), {
        error: 'needs either resourceId (IAM) or secretArn (password)',
      }),
    /** The roles of the functions (docs/functions.md), which `migrate` creates. */
    roles: z.discriminatedUnion('auth', [
      z.strictObject({
        auth: z.literal('iam'),
        /** The RDS resource id: `db-…`, `cluster-…`, or `prx-…` for a proxy. */
        resourceId: z.string().regex(/^(db|cluster|prx)-/, 'must be db-…, cluster-… or prx-…'),
      }),
      z.strictObject({ auth: z.literal('password'), secretArn: arn }),
    ]),
    /**
     * The VPC from which the server is reachable; omit it if no VPC is needed. It needs a route to S3, SQS and Secrets
     * Manager (endpoints or NAT).
     */
    network: z
      .strictObject({
        vpcId: z.string().regex(/^vpc-/, 'must be the id of a VPC, vpc-…'),
        availabilityZones: z.array(z.string().min(1)).min(1),
        subnetIds: z.array(z.string().regex(/^subnet-/, 'must be the id of a subnet, subnet-…')).min(1),
        securityGroupIds: z.array(securityGroup).min(1),
        /** The group of the server or proxy at `host`; the ingress rule is added to it. If absent, add the rule yourself. */
        databaseSecurityGroupId: securityGroup.optional(),
      })
      .optional(),
  })
  .refine(
    ({ owner, roles }) =>
      roles.auth !== 'iam' || !roles.resourceId.startsWith('prx-') || owner.host !== undefined,
    {
      error: 'is required with a proxy (prx-…): migrations connect to the server itself',
      path: ['owner', 'host'],
    },
  );
export type DatabaseConnection = z.output<typeof databaseConnection>;

/** The Postgres that the deployment creates; ignored with `database.connection`. */
export const ownDatabase = {
  /** RDS for PostgreSQL, or Aurora Serverless v2, which scales with the load and costs more under a constant one. */
  engine: z.enum(['postgres', 'aurora-serverless']).default('postgres'),
  /** For `postgres`. Its memory bounds `maxConnections`: t4g.small has 2 GB, enough for 187. */
  instance: z
    .string()
    .regex(/^[a-z0-9]+\.[a-z0-9]+$/, 'must be an instance type without "db.", such as t4g.small')
    .default('t4g.small'),
  storageGb: z.int().min(20).max(65_536).default(20),
  /** Upper limit of storage autoscaling for `postgres`. Equal to `storageGb`: no autoscaling. */
  maxStorageGb: z.int().min(20).max(65_536).default(500),
  /**
   * For `aurora-serverless`, in capacity units of 2 GB. The maximum bounds `maxConnections`. The minimum cannot be 0:
   * Aurora pauses after five idle minutes, and `sweep` connects every minute.
   */
  capacity: z
    .strictObject({
      min: z.number().min(0.5).max(256).multipleOf(0.5).default(0.5),
      max: z.number().min(1).max(256).multipleOf(0.5).default(4),
    })
    .refine(({ min, max }) => min <= max, { error: 'min is above max' })
    .prefault({}),
  /** RDS Proxy in front of the database. Off by default: the connection budget holds without it. */
  proxy: z.boolean().default(false),
  /** A standby in another zone; with Aurora, a reader that takes over. */
  multiAz: z.boolean().default(true),
  backupDays: z.int().min(1).max(35).default(14),
  /**
   * The two availability zones of the network, such as eu-central-1a. Default: the first two of the account, which may
   * not offer the instance. Set it before the first deploy: subnets cannot move.
   */
  zones: z
    .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'must be a zone, such as eu-central-1a'))
    .length(2)
    .refine(([one, other]) => one !== other, { error: 'must be two different zones' })
    .optional(),
  /** Number of zones with interface endpoints. Functions can reach an endpoint in the other zone. */
  endpointZones: z.literal([1, 2]).default(2),
  deletionProtection: z.boolean().default(true),
  /** How the owner, which runs the migrations, logs in: by IAM like the functions, or by a password managed by RDS. */
  ownerLogin: z.enum(['iam', 'password']).default('iam'),
};

/** In the form that browsers send. Any other form would silently match no page. */
const origin = z
  .string()
  .regex(
    /^(?:\*|[a-z][a-z0-9+.-]*:\/\/[^/*\s]*\*?[^/*\s]*)$/,
    'must be * or scheme://host with at most one *',
  )
  .refine((text) => !text.endsWith('://'), { error: 'must name a host' });

export const deployment = z.strictObject({
  /** Prefix of the stack names. Two deployments in one account and region need different names or stages. */
  name: z
    .string()
    .regex(/^[A-Z][A-Za-z0-9]{0,23}$/, 'must be 1-24 letters and digits, beginning with a capital')
    .default('Sluice'),
  /** Set from the selected stage; the last segment of the API's URL. */
  stage: stageName.default('prod'),
  /** Whether bucket, keys and database outlive their stack. With `destroy`, the database leaves no final snapshot. */
  removal: z.enum(['retain', 'destroy']).default('retain'),
  /**
   * New accounts have a limit of 10 executions, none of which can be reserved; use `false` there. The cap of `process`
   * then depends on the event source mapping alone, and that of `api` on CONNECTION LIMIT.
   */
  reservedConcurrency: z.boolean().default(true),
  /** Pages that may call the API, upload by presigned POST and read variants. API keys and signatures protect them. */
  origins: z.array(origin).min(1).default(['*']),
  /** The stage throttles requests above this rate with 429. Default: 1000, or what `api.maxConcurrency` can serve. */
  requestsPerSecond: z.int().min(1).max(10_000).optional(),
  burst: z.int().min(1).max(5000).default(500),
  logDays: z.literal([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731]).default(30),
  /** Graviton (arm64) costs 20 % less for the same work. `host` is the build machine, for LocalStack. */
  architecture: z.enum(['arm64', 'x64', 'host']).default('arm64'),
  /** `invoke` for environments without custom resources: invoke `migrate` yourself after each deploy. */
  migration: z.enum(['deploy', 'invoke']).default('deploy'),
  /**
   * Each deploy publishes versions and moves an alias to them. `false` keeps the alias at $LATEST, for environments that
   * cannot move an alias: LocalStack 4.14 creates a second one of the same name.
   */
  versions: z.boolean().default(true),
  /** `false` if the gateway parses every body as JSON, photographs included. The function validates bodies in any case. */
  validateBodies: z.boolean().default(true),
  /**
   * Streams `GET /v1/exports/images.csv`. `false` for a gateway that cannot stream a response (LocalStack 4.14): the request
   * is then refused with 501, and an export is a job.
   */
  responseStreaming: z.boolean().default(true),
  /** AWS WAF in front of the API. */
  firewall: z.boolean().default(true),
  /**
   * Sets the role that API Gateway uses for logs in the whole account and region; without one no API there can log. Off
   * by default because it replaces the account's existing role; the stages of the app turn it on.
   */
  gatewayLogRole: z.boolean().default(false),
  /**
   * Sends an event of the form before `events` to the account's default event bus for each ready image, for rules defined
   * elsewhere: detail-type `Image ready`, detail `{bucket, tenant, id}`.
   */
  readyEvents: z.boolean().default(false),
  /** ARN of a topic of SNS in the same account and region, which the alarms notify. Without it they notify nobody. */
  alarmTopicArn: z
    .string()
    .regex(/^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+$/, 'must be the ARN of a topic of SNS')
    .optional(),
  /** Checks the stacks with the rule packs of cdk-nag. An unacknowledged finding fails synth. */
  review: z.boolean().default(true),
  /** X-Ray for the API and the functions. */
  tracing: z.boolean().default(true),
});
