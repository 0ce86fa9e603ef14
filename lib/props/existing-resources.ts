import type { IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { SluiceConfig } from '../config/schema.ts';
import type { DatabaseSettings } from '../data/connection.ts';
import { type ExistingServer, isServer, serverMistakes, vpcOf } from '../data/existing-server.ts';
import type { PipelineSettings } from './settings.ts';

/** Existing resources that the pipeline uses instead of creating its own. docs/construct.md lists the requirements. */
export interface ExistingResources {
  /**
   * A Postgres by its address, or a server of the app. Default: `database.connection` of the configuration; without it
   * the pipeline creates a database.
   */
  database?: DatabaseSettings | ExistingServer;
  /**
   * The VPC for the functions and for a database that the pipeline creates. No endpoints are added to it. Default: the
   * VPC of the database, or a new one.
   */
  vpc?: IVpc;
  /** Default: the private subnets of `vpc`. */
  vpcSubnets?: SubnetSelection;
  /** Must be versioned, and in the pipeline's account and region. The pipeline owns the prefixes `incoming/`, `derived/` and `exports/`. */
  bucket?: IBucket;
  /** Encrypts bucket, queues and log groups instead of two new keys. A database that the pipeline creates has its own key. */
  encryptionKey?: IKey;
}

/** Conflicts between props, each with its paths. */
export function resourceMistakes(
  { database, vpc, vpcSubnets, bucket }: ExistingResources,
  config: SluiceConfig,
  { retention, storage }: PipelineSettings,
): string[] {
  const connection = config.database?.connection;
  const settings = isServer(database) ? undefined : database;
  const network = settings === undefined ? connection?.network : settings.network;
  const networkPath = settings === undefined ? 'config.database.connection.network' : 'database.network';
  const mistakes: [boolean, string][] = [
    [
      database !== undefined && connection !== undefined,
      'database and config.database.connection: give only one',
    ],
    [
      storage !== undefined && (database ?? connection) !== undefined,
      'storage: applies only to a database that the pipeline creates, but an existing one is given',
    ],
    [vpcSubnets !== undefined && vpc === undefined, 'vpcSubnets: requires vpc'],
    [
      vpc !== undefined && network !== undefined,
      `vpc and ${networkPath}: the functions run in one network, so give only one`,
    ],
    [
      isServer(database) && vpc === undefined && vpcOf(database) === undefined,
      'vpc: is required, because the VPC of database.server is not known',
    ],
    [
      bucket !== undefined && config.deploy?.migration === 'invoke',
      'bucket and config.deploy.migration: the notification of an existing bucket needs a custom resource',
    ],
  ];
  // The lifecycle of an imported bucket cannot be changed.
  const unseen = bucket !== undefined && !(bucket instanceof Bucket);
  for (const name of ['originals', 'variants'] as const)
    mistakes.push([
      unseen && (retention?.[name] ?? config.retention?.[`${name}Days`]) !== undefined,
      `bucket and retention.${name}: the lifecycle of an imported bucket cannot be changed`,
    ]);
  return [
    ...mistakes.flatMap(([found, mistake]) => (found ? [mistake] : [])),
    ...(isServer(database) ? serverMistakes(database) : []),
  ];
}
