import { z } from 'zod';

/*
 * The sections of sluice.config.ts that only a deployment to AWS reads; the local runner has a database and a
 * bucket of its own.
 */

/** A stage's name: it ends up in the stacks' names and in the API's address. */
export const stageName = z
  .string()
  .regex(/^[a-z][a-z0-9]{0,11}$/, 'must be 1-12 of a-z and 0-9, beginning with a letter');

const arn = z.string().regex(/^arn:[a-z-]+:/, 'must be an ARN');
const securityGroup = z.string().regex(/^sg-/, 'must be the id of a security group, sg-…');

/** An existing Postgres: where it is, and how the functions log in to it. */
export const databaseConnection = z
  .strictObject({
    host: z.string().min(1),
    port: z.int().min(1).max(65_535).default(5432),
    name: z.string().min(1),
    /** `off` is for a server on the functions' own host. */
    tls: z.enum(['verify', 'off']).default('verify'),
    /**
     * Runs the migrations: may create roles and tables, and grant `rds_iam` where the roles log in by IAM. Where `host`
     * above is a proxy, `host` here is the server: migrations pass by the proxy.
     */
    owner: z
      .strictObject({
        user: z.string().min(1),
        /** By IAM: the server's resource id at RDS. */
        resourceId: z
          .string()
          .regex(/^(db|cluster)-/, 'must be db-… or cluster-…')
          .optional(),
        /** By password: JSON with a field `password`. */
        secretArn: arn.optional(),
        host: z.string().min(1).optional(),
        port: z.int().min(1).max(65_535).optional(),
      })
      .refine(({ resourceId, secretArn }) => (resourceId === undefined) !== (secretArn === undefined), {
        error: 'needs either resourceId (IAM) or secretArn (password)',
      }),
    /** The roles sluice_api, sluice_process and sluice_sweep, which `migrate` makes. */
    roles: z.discriminatedUnion('auth', [
      z.strictObject({
        auth: z.literal('iam'),
        /** The server's resource id at RDS: `db-…`, `cluster-…`, or `prx-…` of a proxy. */
        resourceId: z.string().regex(/^(db|cluster|prx)-/, 'must be db-…, cluster-… or prx-…'),
      }),
      z.strictObject({ auth: z.literal('password'), secretArn: arn }),
    ]),
    /**
     * The VPC from which the server can be reached; absent: it can be without one. It needs a way to S3, SQS and
     * Secrets Manager (endpoints or NAT).
     */
    network: z
      .strictObject({
        vpcId: z.string().regex(/^vpc-/, 'must be the id of a VPC, vpc-…'),
        availabilityZones: z.array(z.string().min(1)).min(1),
        subnetIds: z.array(z.string().regex(/^subnet-/, 'must be the id of a subnet, subnet-…')).min(1),
        securityGroupIds: z.array(securityGroup).min(1),
        /** Of the server or the proxy that `host` names: it is told to let those in. Absent: somebody else tells it. */
        databaseSecurityGroupId: securityGroup.optional(),
      })
      .optional(),
  })
  .refine(
    ({ owner, roles }) =>
      roles.auth !== 'iam' || !roles.resourceId.startsWith('prx-') || owner.host !== undefined,
    { error: 'is needed with a proxy (prx-…): migrations go to the server itself', path: ['owner', 'host'] },
  );
export type DatabaseConnection = z.output<typeof databaseConnection>;

/** The Postgres that the deployment brings; not read with `database.connection`. */
export const ownDatabase = {
  /** RDS for PostgreSQL, or Aurora Serverless v2, which follows the load and costs more when it is always there. */
  engine: z.enum(['postgres', 'aurora-serverless']).default('postgres'),
  /** Of `postgres`. It bounds `maxConnections` by its memory: t4g.small has 2 GB, enough for 187. */
  instance: z
    .string()
    .regex(/^[a-z0-9]+\.[a-z0-9]+$/, 'must be an instance type without "db.", such as t4g.small')
    .default('t4g.small'),
  storageGb: z.int().min(20).max(65_536).default(20),
  /** To where the storage of `postgres` grows by itself. The same as `storageGb` keeps it as it is. */
  maxStorageGb: z.int().min(20).max(65_536).default(500),
  /**
   * Of `aurora-serverless`, in capacity units of 2 GB. The maximum bounds `maxConnections`. Not 0 as minimum: Aurora
   * pauses after five quiet minutes, and `sweep` asks once a minute.
   */
  capacity: z
    .strictObject({
      min: z.number().min(0.5).max(256).multipleOf(0.5).default(0.5),
      max: z.number().min(1).max(256).multipleOf(0.5).default(4),
    })
    .refine(({ min, max }) => min <= max, { error: 'min is above max' })
    .prefault({}),
  /** RDS Proxy in front of it: a pool of AWS's own. Off, because Sluice's budget already holds without. */
  proxy: z.boolean().default(false),
  /** A standby in another zone; with Aurora a reader that takes over. */
  multiAz: z.boolean().default(true),
  backupDays: z.int().min(1).max(35).default(14),
  /**
   * Names of the two zones to stand in, such as eu-central-1a; absent: the first two of the account, which may be old and
   * without the instance. Subnets do not move: it is set before the first deploy or never.
   */
  zones: z
    .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'must be a zone, such as eu-central-1a'))
    .length(2)
    .refine(([one, other]) => one !== other, { error: 'must be two different zones' })
    .optional(),
  /** In how many of its zones the network has endpoints of AWS services. A function reaches one in the other zone too. */
  endpointZones: z.literal([1, 2]).default(2),
  deletionProtection: z.boolean().default(true),
  /** How the owner logs in, who runs the migrations: by IAM as the functions do, or by a password that RDS keeps. */
  ownerLogin: z.enum(['iam', 'password']).default('iam'),
};

/** As a browser writes it; what does not look like one would match no page, without a word. */
const origin = z
  .string()
  .regex(
    /^(?:\*|[a-z][a-z0-9+.-]*:\/\/[^/*\s]*\*?[^/*\s]*)$/,
    'must be * or scheme://host with at most one *',
  )
  .refine((text) => !text.endsWith('://'), { error: 'must name a host' });

export const deployment = z.strictObject({
  /** Prefix of the stacks' names: two deployments in one account and region need two names or two stages. */
  name: z
    .string()
    .regex(/^[A-Z][A-Za-z0-9]{0,23}$/, 'must be 1-24 letters and digits, beginning with a capital')
    .default('Sluice'),
  /** Filled in by the stage that is chosen; the last part of the API's address. */
  stage: stageName.default('prod'),
  /** Whether bucket, keys and database outlive their stack. A database that goes leaves no snapshot then. */
  removal: z.enum(['retain', 'destroy']).default('retain'),
  /**
   * New accounts allow 10 executions in all and none to be reserved: `false` deploys there. The cap of `process`
   * then rests on the event source mapping alone, and that of `api` on CONNECTION LIMIT.
   */
  reservedConcurrency: z.boolean().default(true),
  /** Pages that may call the API, send a presigned POST and read variants. Key and signature are what protects them. */
  origins: z.array(origin).min(1).default(['*']),
  /** The stage refuses what is above it with 429: 833 a second are 50,000 a minute. */
  requestsPerSecond: z.int().min(1).max(10_000).default(1000),
  burst: z.int().min(1).max(5000).default(500),
  logDays: z.literal([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731]).default(30),
  /** Graviton (arm64) costs 20 % less for the same work. `host` is the machine that builds: LocalStack runs there. */
  architecture: z.enum(['arm64', 'x64', 'host']).default('arm64'),
  /** `invoke` where custom resources are not run: then somebody invokes `migrate` after each deploy. */
  migration: z.enum(['deploy', 'invoke']).default('deploy'),
  /**
   * Each deploy publishes versions and moves an alias to them. `false` leaves the alias at $LATEST, for where an alias
   * that is moved fails the deploy: LocalStack 4.14 makes a second one of the same name.
   */
  versions: z.boolean().default(true),
  /** `false` where the gateway takes each body for JSON, a photograph too; the function checks bodies anyway. */
  validateBodies: z.boolean().default(true),
  /** AWS WAF in front of the API. */
  firewall: z.boolean().default(true),
  /**
   * Sets the role that API Gateway writes logs with, for the whole account and region: without one no API there has
   * logs. Not unless asked, for it takes the place of the one that the account has; the stages of the app ask.
   */
  gatewayLogRole: z.boolean().default(false),
  /**
   * Tells the account's default event bus of each image that is ready, for rules that are made elsewhere. `onReady` of the
   * construct does so by itself.
   */
  readyEvents: z.boolean().default(false),
  /** Holds the stacks to the rule packs of cdk-nag: a finding that nobody has acknowledged fails the synth. */
  review: z.boolean().default(true),
  /** X-Ray for the API and the functions. */
  tracing: z.boolean().default(true),
});
